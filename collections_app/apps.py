from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CollectionsConfig(AppConfig):
    name = "collections_app"
    verbose_name = _("Collections")

    def ready(self):
        from collections_app import signals

        signals.connect()

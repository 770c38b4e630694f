from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedServerConfig(AppConfig):
    name = "feedserver"
    verbose_name = _("Feed server")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from feedserver import checks  # noqa: F401

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.core.signals import got_request_exception


class SocialNetConfig(AppConfig):
    name = "socialnet"
    default = True

    def ready(self):
        from socialnet import checks  # noqa: F401
        from socialnet.middleware import log_exception

        got_request_exception.connect(log_exception, dispatch_uid="socialnet.log_exception")


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin, with this project's AdminSite."""

    default = False
    default_site = "socialnet.admin_site.AdminSite"

from django.apps import AppConfig
from django.core.signals import got_request_exception


class SocialNetConfig(AppConfig):
    name = "socialnet"

    def ready(self):
        from socialnet import checks  # noqa: F401
        from socialnet.middleware import log_exception

        got_request_exception.connect(log_exception, dispatch_uid="socialnet.log_exception")

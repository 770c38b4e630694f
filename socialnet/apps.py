from django.apps import AppConfig


class SocialNetConfig(AppConfig):
    name = "socialnet"

    def ready(self):
        from socialnet import checks  # noqa: F401

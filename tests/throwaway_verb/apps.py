from django.apps import AppConfig


class ThrowawayVerbConfig(AppConfig):
    name = "tests.throwaway_verb"

    def ready(self):
        from tests.throwaway_verb import signals

        signals.connect()

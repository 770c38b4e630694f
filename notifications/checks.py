"""System checks on the settings of notifications."""

from django.core.checks import Error, register

from notifications import conf


@register()
def check_poll_seconds(app_configs, **kwargs):
    seconds = conf.get("NOTIFICATIONS_POLL_SECONDS")
    if isinstance(seconds, int | float) and seconds >= 1:
        return []
    return [
        Error(
            "NOTIFICATIONS_POLL_SECONDS is no number of seconds.",
            hint="Set it to 1 or more; every open page asks that often.",
            id="notifications.E001",
        )
    ]

"""The app's settings with their defaults, read lazily."""

from django.conf import settings

DEFAULTS = {
    # The interval at which open pages poll.
    "NOTIFICATIONS_POLL_SECONDS": 10,
}


def get(name):
    return getattr(settings, name, DEFAULTS[name])

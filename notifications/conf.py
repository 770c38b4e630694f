"""The app's settings, read when they are asked for, with their defaults."""

from django.conf import settings

DEFAULTS = {
    # How often an open page asks what is new.
    "NOTIFICATIONS_POLL_SECONDS": 10,
}


def get(name):
    return getattr(settings, name, DEFAULTS[name])

"""The settings of the feed server, read when asked for, with their defaults in this one place."""

from django.conf import settings

DEFAULTS = {
    "FEEDSERVER_API_KEY": "",
    "FEEDSERVER_API_SECRET": "",
    "FEEDSERVER_GROUPS": {
        "user": {"type": "flat"},
        "flat": {"type": "flat"},
        "timeline": {"type": "flat"},
        "aggregated": {"type": "aggregated"},
        "notification": {"type": "notification"},
    },
    "FEEDSERVER_REMEMBER_DAYS": 365,
}


def api_key():
    return _read("FEEDSERVER_API_KEY")


def api_secret():
    return _read("FEEDSERVER_API_SECRET")


def groups():
    """Return the configured feed groups: slug → options, of which `type` is required."""
    return _read("FEEDSERVER_GROUPS")


def remember_days():
    """Return how many days the ids of removed activities are kept (`feedserver.removed`)."""
    return _read("FEEDSERVER_REMEMBER_DAYS")


def _read(name):
    return getattr(settings, name, DEFAULTS[name])

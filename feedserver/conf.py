"""The settings of the feed server and their defaults; they are read at each use."""

from django.conf import settings
from django.utils.module_loading import import_string

DEFAULTS = {
    "FEEDSERVER_API_KEY": "",
    "FEEDSERVER_API_SECRET": "",
    "FEEDSERVER_AUDIT_DAYS": 90,
    "FEEDSERVER_AUDIT_LOG": True,
    "FEEDSERVER_FEED_LENGTH": 5000,
    "FEEDSERVER_OPEN_GRAPH": None,
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
    """Return the configured feed groups: options by slug, of which `type` is required."""
    return _read("FEEDSERVER_GROUPS")


def remember_days():
    """Return the number of days to keep ids in `feedserver.removed_activities`."""
    return _read("FEEDSERVER_REMEMBER_DAYS")


def feed_length():
    """Return the maximum of activities in a feed that came by fan-out or by following."""
    return _read("FEEDSERVER_FEED_LENGTH")


def keeps_audit_log():
    return _read("FEEDSERVER_AUDIT_LOG")


def audit_days():
    """Return the number of days to keep entries in `feedserver.audit`."""
    return _read("FEEDSERVER_AUDIT_DAYS")


def open_graph():
    """Return the function that describes a web page, or None (`views.services.open_graph`)."""
    name = _read("FEEDSERVER_OPEN_GRAPH")
    return import_string(name) if name else None


def _read(name):
    return getattr(settings, name, DEFAULTS[name])

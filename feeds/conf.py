"""The app's settings, read when they are asked for, with their defaults."""

from django.conf import settings
from django.utils.module_loading import import_string

DEFAULTS = {
    "FEEDS_TRANSPORT": None,
    "FEEDS_API_URL": "/api/v1.0/",
    "FEEDS_DELIVERY": "worker",
    "FEEDS_TOKEN_SECONDS": 3600,
    "FEEDS_MAY_READ": "feeds.tokens.may_read",
    "FEED_PAGE_SIZE": 25,
    "FEED_POLL_SECONDS": 30,
}


def get(name):
    return getattr(settings, name, DEFAULTS[name])


def is_embedded():
    return bool(get("FEEDS_TRANSPORT"))


def delivers_inline():
    return get("FEEDS_DELIVERY") == "inline"


def may_read(user, group, feed_id):
    """Ask the project whether `user` may read the feed `group:feed_id`."""
    return import_string(get("FEEDS_MAY_READ"))(user, group, feed_id)

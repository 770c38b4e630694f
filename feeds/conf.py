"""The app's settings, read lazily, with their defaults."""

import re
from typing import NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

DEFAULTS = {
    "STREAM_BASE_URL": "",
    "FEEDS_TRANSPORT": None,
    "FEEDS_API_URL": "/api/v1.0/",
    "FEEDS_DELIVERY": "worker",
    "FEEDS_OUTBOX_KEEP_DAYS": 7,
    "FEEDS_TOKEN_SECONDS": 3600,
    "FEEDS_GROUPS": {},
    "FEEDS_MAX_DELAY": 300,
    "FEEDS_MAY_READ": "feeds.stream.tokens.may_read",
    "FEED_PAGE_SIZE": 25,
    "FEED_POLL_SECONDS": 30,
}


class Server(NamedTuple):
    protocol: str
    host: str
    port: str | None


def get(name):
    return getattr(settings, name, DEFAULTS[name])


def is_embedded():
    return bool(get("FEEDS_TRANSPORT"))


def server():
    """Return the parts of STREAM_BASE_URL, or None if Stream's clients cannot call it."""
    match = re.fullmatch(r"(https?)://(localhost|api\.[\w.-]+)(?::(\d+))?", get("STREAM_BASE_URL"))
    return match and Server(*match.groups())


def delivers_inline():
    return get("FEEDS_DELIVERY") == "inline"


def may_read(user, group, feed_id):
    """Return whether the project lets `user` read the feed `group:feed_id`."""
    return import_string(get("FEEDS_MAY_READ"))(user, group, feed_id)

"""The app's settings, read when they are asked for, with their defaults."""

from django.conf import settings

DEFAULTS = {
    # How foreign sites are told who asks; an address at which to complain belongs in it.
    "PREVIEWS_USER_AGENT": "Mozilla/5.0 (compatible; link preview)",
    # "127.0.0.1:8123": what may be reached on this machine all the same. For tests.
    "PREVIEWS_TRUSTED_ADDRESSES": [],
}


def get(name):
    return getattr(settings, name, DEFAULTS[name])


def trusted_addresses():
    """Return pairs of IP address and port; ValueError for what is neither."""
    pairs = [text.rpartition(":") for text in get("PREVIEWS_TRUSTED_ADDRESSES")]
    return frozenset((address.strip("[]"), int(port)) for address, _colon, port in pairs)

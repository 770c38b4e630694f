"""The app's settings, read lazily, with their defaults."""

from django.conf import settings

DEFAULTS = {
    # The user agent for other sites; it should contain an address for complaints.
    "PREVIEWS_USER_AGENT": "Mozilla/5.0 (compatible; link preview)",
    # Addresses of this machine that may be fetched from, as "127.0.0.1:8123"; for tests.
    "PREVIEWS_TRUSTED_ADDRESSES": [],
}


def get(name):
    return getattr(settings, name, DEFAULTS[name])


def trusted_addresses():
    """Return pairs of IP address and port; raises ValueError for malformed ones."""
    pairs = [text.rpartition(":") for text in get("PREVIEWS_TRUSTED_ADDRESSES")]
    return frozenset((address.strip("[]"), int(port)) for address, _colon, port in pairs)

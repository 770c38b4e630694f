"""Validate and normalise the URLs of links."""

import hashlib
import re
from urllib.parse import quote, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

DEFAULT_PORTS = {"http": 80, "https": 443}

# RFC 1035, section 2.3.4; names in other alphabets are longer in ASCII and are cut.
MAX_HOST_LENGTH = 255

# Characters that need no encoding in a path or a query (RFC 3986, section 2).
ALLOWED = "%/:?#[]@!$&'()*+,;=-._~"
ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
UNESCAPED_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")

validate_url = URLValidator(schemes=list(DEFAULT_PORTS))


def validate_link(url):
    """Raise ValidationError unless `url` is an absolute http(s) URL without credentials."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValidationError(_("This is no web address."), code="invalid")
    if parts.scheme not in DEFAULT_PORTS:
        message = _("Only links that start with http:// or https:// can be added.")
        raise ValidationError(message, code="scheme")
    if "@" in parts.netloc:
        message = _("This link holds a user name or a password, which everyone could read.")
        raise ValidationError(message, code="credentials")
    try:
        validate_url(url)
        normalise(url)
    except (ValidationError, ValueError):
        raise ValidationError(_("This is no web address."), code="invalid")


def normalise(url):
    """Return `url` in the normal form of RFC 3986, section 6.2, without its fragment.

    Raises ValueError for an invalid URL.
    """
    parts = urlsplit(url.strip())
    host = _normal_host(parts.hostname or "")
    if parts.port is not None and parts.port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    path = _without_dot_segments(_normal_encoding(parts.path))
    return urlunsplit((parts.scheme, host, path, _normal_encoding(parts.query), ""))


def url_key(url):
    """Return the hex SHA-256 of the normalised `url`: 64 characters, whatever its length."""
    try:
        normal = normalise(url)
    except ValueError:
        normal = url
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()


def host_of(url):
    """Return the host of `url` for display, "" for none; at most `MAX_HOST_LENGTH` characters.

    It stays in ASCII: letters of other alphabets can imitate a known name.
    """
    try:
        host = _normal_host(urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return host[:MAX_HOST_LENGTH]


def _normal_host(host):
    if ":" in host:
        return f"[{host}]"
    ascii_host = host.encode("idna").decode("ascii").lower().rstrip(".")
    if not ascii_host:
        raise ValueError("A link needs a host.")
    return ascii_host


def _normal_encoding(text):
    """Encode and decode characters as needed, with encodings in capitals (6.2.2.1-2)."""
    text = UNESCAPED_PERCENT.sub("%25", text)
    return quote(ENCODED.sub(_decode_unreserved, text), safe=ALLOWED)


def _decode_unreserved(match):
    character = chr(int(match[1], 16))
    return character if UNRESERVED.fullmatch(character) else match[0].upper()


def _without_dot_segments(path):
    """Resolve "." and ".." in `path`, which is empty or starts with "/" (5.2.4)."""
    kept = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/" + "/".join(kept)

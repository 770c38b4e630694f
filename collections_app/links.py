"""Validate and normalise the URLs of links."""

import hashlib
import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import idna
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

DEFAULT_PORTS = {"http": 80, "https": 443}

# RFC 1035, section 2.3.4; names in other alphabets are longer in ASCII and are cut.
MAX_HOST_LENGTH = 255
# Its text form, without the length of the first label and the root.
MAX_DOMAIN_LENGTH = 253

# Characters that need no encoding in a path or a query (RFC 3986, section 2).
ALLOWED = "%/:?#[]@!$&'()*+,;=-._~"
ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
UNESCAPED_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Of a host in ASCII: what is in use, and not only what RFC 1123 allows.
LABEL = re.compile(r"[a-z0-9_-]{1,63}")
TOP_LABEL = re.compile(r"(?!-)[a-z-]{2,63}(?<!-)|xn--[a-z0-9-]{1,59}")
# Of a fragment that names a page and no place within one.
ROUTES = ("/", "!")

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
        validate_url(url if "[" in parts.netloc else _with_plain_host(url, parts))
    except (ValidationError, ValueError):
        raise ValidationError(_("This is no web address."), code="invalid")


def _with_plain_host(url, parts):
    """Return `url` with another host, because hosts are in use that Django's validator refuses.

    Raises ValueError unless its own is an IP address, "localhost" or a name within a domain.
    """
    name = ascii_host(parts.hostname or "")
    if len(name) > MAX_DOMAIN_LENGTH:
        raise ValueError("The name of a host is too long.")
    _label, dot, top = name.rpartition(".")
    is_name = name == "localhost" or (dot and TOP_LABEL.fullmatch(top))
    if not is_name and not re.fullmatch(URLValidator.ipv4_re, name):
        raise ValueError("A link needs the name of a host within a domain.")
    port = f":{parts.port}" if parts.port is not None else ""
    start, _netloc, rest = url.partition(parts.netloc)
    # No longer than any host, so that the URL does not become too long.
    return f"{start}a.eu{port}{rest}"


def ascii_host(host):
    """Return `host` in ASCII as browsers send it (UTS 46, non-transitional).

    Emoji and signs that IDNA 2008 refuses stay. Raises ValueError for an invalid host.
    """
    if ":" in host:
        return f"[{host}]"
    labels = idna.uts46_remap(host, std3_rules=False).removesuffix(".").split(".")
    return ".".join(map(_ascii_label, labels))


def _ascii_label(label):
    if not label.isascii():
        idna.check_bidi(label)
        label = f"xn--{label.encode('punycode').decode('ascii')}"
    if not LABEL.fullmatch(label):
        raise ValueError("A part of a host is empty, too long or has other characters.")
    return label


def with_lower_scheme(url):
    """Return `url` with its scheme in small letters, as everything that reads links expects."""
    return SCHEME.sub(lambda match: match[0].lower(), url, count=1)


def ascii_url(url):
    """Return `url` with a lower-case scheme and a host in ASCII, if it is valid."""
    url = with_lower_scheme(url)
    try:
        parts = urlsplit(url)
        if parts.netloc.isascii():
            return url
        host = ascii_host(parts.hostname or "")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return url
    return url.replace(parts.netloc, f"{host}{port}", 1)


def title_of(url, max_length):
    """Return the host and path of `url`, the title of a link whose page has none, or ""."""
    host = host_of(url)
    path = urlsplit(url).path.rstrip("/") if host else ""
    try:
        decoded = unquote(path, errors="strict")
    except ValueError:
        decoded = path
    title = f"{host}{decoded if decoded.isprintable() else path}"
    return title if len(title) <= max_length else f"{title[: max_length - 1]}…"


def canonical_key(url):
    """Return the hex SHA-256 of the URL that a browser opens for `url`.

    It replaces `url_key` as soon as stored keys are computed anew: unlike it, hosts follow UTS 46,
    and fragments that are routes ("#/inbox", "#!/b") are different pages.
    """
    try:
        normal = _normal_form(url, ascii_host)
        fragment = urlsplit(url.strip()).fragment
    except ValueError:
        normal, fragment = url, ""
    if fragment.startswith(ROUTES):
        normal = f"{normal}#{_normal_encoding(fragment)}"
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()


def normalise(url):
    """Return `url` in the normal form of RFC 3986, section 6.2, without its fragment.

    Raises ValueError for an invalid URL.
    """
    return _normal_form(url, _normal_host)


def _normal_form(url, normal_host):
    parts = urlsplit(url.strip())
    host = normal_host(parts.hostname or "")
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
        host = ascii_host(urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return host[:MAX_HOST_LENGTH]


def _normal_host(host):
    """Return `host` in ASCII by IDNA 2003, on which the stored keys rest."""
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

"""Read and write Netscape bookmark files, which browsers import and export.

The format has no standard; browsers write `<DT><H3>` for a folder, whose contents follow between
`<DL>` and `</DL>`, `<DT><A HREF="…" ADD_DATE="…">` for a link, and `<DD>` for the description of
either. Tags are read one by one and not as a tree, so that the time is linear in the size of the
file, whatever its content.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from html.entities import html5
from itertools import islice

from django.utils.html import escape

from previews import encodings

# A "<" that begins no tag is text, as in HTML. Quotation marks may be unbalanced, so a quoted value
# never extends beyond its line.
TAG = re.compile(
    r"""<(/?)([a-z][a-z0-9]*+)(?![^\s/<>"'])((?:[^<>"']|"[^"\n]*"|'[^'\n]*')*+(?=>)|[^<>]*)>?"""
    r"""|<[!?][^<>]*>|<[^<]*|[^<]+""",
    re.IGNORECASE,
)
# An attribute without a value is empty.
ATTRIBUTE = re.compile(
    r"""(?<![\w-])([a-z_][\w-]*+)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'][^\s]*+)))?+""",
    re.IGNORECASE,
)
# In attributes, a name without ";" is decoded only if no "=", letter or digit follows (HTML,
# section 13.2.5.73): browsers write "&" as it is.
REFERENCE = re.compile(r"&(?:#(?:[0-9]++|x[0-9a-f]++);?|[a-z][a-z0-9]*+(?:;|(?!=)))", re.IGNORECASE)
# A declaration or a comment.
MARKUP = re.compile(r"<[!?][^<>]*>")
# Tags that are read, or that end a text.
STRUCTURE = {"a", "dd", "dl", "dt", "h3"}
ENDS = {"body", "h1", "h2", "head", "hr", "html", "meta", "title"}
# Other tags of HTML are left out of texts; these separate words there.
BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "caption", "center", "details", "dialog",
    "div", "fieldset", "figcaption", "figure", "footer", "form", "h4", "h5", "h6", "header",
    "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
INLINE = {
    "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "button", "canvas", "cite", "code",
    "data", "del", "dfn", "em", "embed", "font", "i", "iframe", "img", "input", "ins", "kbd",
    "label", "link", "map", "mark", "meter", "noscript", "object", "option", "output", "picture",
    "progress", "q", "rp", "rt", "ruby", "s", "samp", "script", "select", "slot", "small",
    "source", "span", "strike", "strong", "style", "sub", "sup", "svg", "template", "textarea",
    "time", "track", "tt", "u", "var", "video", "wbr",
}  # fmt: skip
# Of one URL or text: far more than the fields of a link or collection can hold.
MAX_TEXT_LENGTH = 4096
# Tags and texts: several times as many as in a file with the most links that are read.
MAX_TOKENS = 1_000_000
MAX_ATTRIBUTES = 100
HEADER = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>"""
# Attributes that say when a link was added, the best first.
MOMENTS = ("add_date", "time_added", "date_added", "last_modified")
NUMBER = re.compile(r"[0-9]{1,20}(?:[.,][0-9]{0,20})?(?:e\+?[0-9]{1,2})?", re.IGNORECASE)
# Units in a second and the seconds before 1970 at which programs start to count: Unix and, since
# 1601, Chrome and Windows. Only one of them gives a date of the present for a number.
SINCE_1601 = 11_644_473_600
CLOCKS = [
    (1, 0),
    (1, SINCE_1601),
    (10**3, 0),
    (10**3, SINCE_1601),
    (10**6, 0),
    (10**6, SINCE_1601),
    (10**7, SINCE_1601),
    (10**9, 0),
]
# Seconds: no program wrote bookmarks before 1990.
MIN_SECONDS, MAX_SECONDS = 631_152_000, 4_102_444_800
NO = {"0", "false", "n", "no", "off"}


@dataclass
class Folder:
    """A folder within folder number `parent`."""

    name: str = ""
    description: str = ""
    parent: int = 0
    line: int = 0


@dataclass
class Bookmark:
    """A link in folder number `folder`; `added` is in Unix seconds, `url` may be ""."""

    folder: int
    url: str
    line: int
    added: int | None = None
    title: str = ""
    description: str = ""
    tags: str = ""
    is_private: bool = False


@dataclass
class Bookmarks:
    """The content of a file; the first folder has the links that are in no folder."""

    folders: list = field(default_factory=lambda: [Folder()])
    links: list = field(default_factory=list)


class TooManyError(Exception):
    """The file has more bookmarks, or more tags, than are read."""


def decode(data):
    """Return the text of a file, in the encoding that a browser would choose."""
    return encodings.decode(data)


def read(text, *, limit=20_000):
    """Return the Bookmarks of a file's `text`; other content is skipped.

    Raises TooManyError as soon as it has read more than `limit` links or folders.
    """
    reader, tokens = Reader(), TAG.finditer(text)
    for token in islice(tokens, MAX_TOKENS):
        reader.read_token(token)
        if max(len(reader.bookmarks.links), len(reader.bookmarks.folders) - 1) > limit:
            raise TooManyError
    if next(tokens, None):
        raise TooManyError
    return reader.bookmarks


class Reader:
    """Collect bookmarks tag by tag; texts go to the `slot`, a pair of object and attribute name."""

    def __init__(self):
        self.bookmarks = Bookmarks()
        self.open = [0]
        self.next_folder = 0
        self.last = self.slot = None
        self.line = 1

    def read_token(self, token):
        text, tag = token[0], (token[2] or "").lower()
        if tag in STRUCTURE and (text.endswith(">") or not self._is_text(tag, token[3])):
            getattr(self, f"end_{tag}" if token[1] else f"start_{tag}")(token[3])
        elif tag in ENDS:
            self.slot = None
        elif tag in BLOCKS and text.endswith(">"):
            self._add_text("\n")
        elif not (tag in INLINE and text.endswith(">")) and not MARKUP.fullmatch(text):
            self._add_text(_unescape(text[:MAX_TEXT_LENGTH]))
        self.line += text.count("\n")

    @property
    def _in_description(self):
        return self.slot is not None and self.slot[1] == "description"

    def _is_text(self, tag, attributes):
        """Return whether an unclosed tag within a text is one by chance, as in `if x <a then`."""
        return self.slot is not None and "=" not in attributes and attributes.strip() != ""

    def _add_text(self, text):
        if self.slot:
            owner, name = self.slot
            old = getattr(owner, name)
            if len(old) < MAX_TEXT_LENGTH:
                setattr(owner, name, old + text)

    def start_h3(self, attributes):
        self.last = Folder(parent=self.open[-1], line=self.line)
        self.next_folder = len(self.bookmarks.folders)
        self.bookmarks.folders.append(self.last)
        self.slot = (self.last, "name")

    def start_a(self, attributes):
        values = {
            match[1].lower(): _unescape_attribute(next(filter(None, match.groups()[1:]), ""))
            for match in islice(ATTRIBUTE.finditer(attributes), MAX_ATTRIBUTES)
        }
        if self._in_description and not any(name in values for name in MOMENTS):
            return  # a link within the text
        self.last = Bookmark(
            self.open[-1],
            values.get("href", "").strip()[:MAX_TEXT_LENGTH],
            self.line,
            _added(values),
            tags=values.get("tags", "").strip()[:MAX_TEXT_LENGTH],
            is_private=_is_private(values),
        )
        self.bookmarks.links.append(self.last)
        self.slot = (self.last, "title")

    def end_a(self, attributes):
        if not self._in_description:
            self.slot = None

    def start_dd(self, attributes):
        self.slot = self.last and (self.last, "description")

    def start_dl(self, attributes):
        self.open.append(self.next_folder)
        self.slot = None

    def end_dl(self, attributes):
        if len(self.open) > 1:
            self.open.pop()
        self.next_folder = self.open[-1]
        self.last = self.slot = None

    def end_h3(self, attributes):
        self.slot = None

    start_dt = end_dt = end_dd = end_h3


def _unescape(text):
    """Return `text` without entities, or as it is if one has too many digits for Python."""
    try:
        return unescape(text)
    except ValueError:
        return text


def _unescape_attribute(text):
    return REFERENCE.sub(_decode_reference, text)


def _decode_reference(match):
    reference = match[0]
    return _unescape(reference) if reference[1] == "#" else html5.get(reference[1:], reference)


def _is_private(values):
    """Return whether a link is marked as private: only a clear "no" says that it is not."""
    is_shared = [
        values[name].strip().lower() not in NO for name in ("public", "shared") if name in values
    ]
    return values.get("private", "0").strip().lower() not in NO or not all(is_shared)


def _added(values):
    """Return the Unix seconds of the first possible moment, or else of any, or None."""
    moments = [_parse_moment(values[name].strip()) for name in MOMENTS if name in values]
    moments = [moment for moment in moments if moment is not None]
    return next((moment for moment in moments if moment >= MIN_SECONDS), next(iter(moments), None))


def _parse_moment(text):
    """Return the Unix seconds of a number, or of a date of ISO 8601 or RFC 5322, or None."""
    if re.fullmatch(r"(?:19|20)[0-9]{6}", text) or not NUMBER.fullmatch(text):
        return _parse_date(text)
    if re.fullmatch(r"(?:19|20)[0-9]{12}", text):
        return _parse_date(f"{text[:8]}T{text[8:]}")
    number = float(text.replace(",", "."))
    for unit, before_1970 in CLOCKS:
        seconds = number / unit - before_1970
        if 0 <= seconds < MAX_SECONDS:
            return int(seconds)
    return None


def _parse_date(text):
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text[:64])
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            continue
        return int(seconds) if 0 <= seconds < MAX_SECONDS else None
    return None


def write(folders):
    """Yield the lines of a file of `folders`: pairs of a Folder and its Bookmarks."""
    yield HEADER
    for folder, links in folders:
        yield f"    <DT><H3>{escape(folder.name)}</H3>"
        if folder.description:
            yield f"    <DD>{escape(folder.description)}"
        yield "    <DL><p>"
        for link in links:
            url, title = escape(link.url), escape(link.title)
            yield f'        <DT><A HREF="{url}" ADD_DATE="{link.added}">{title}</A>'
            if link.description:
                yield f"        <DD>{escape(link.description)}"
        yield "    </DL><p>"
    yield "</DL><p>"

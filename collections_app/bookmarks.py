"""Read and write Netscape bookmark files, which browsers import and export.

The format has no standard; browsers write `<DT><H3>` for a folder, whose contents follow between
`<DL>` and `</DL>`, `<DT><A HREF="…" ADD_DATE="…">` for a link, and `<DD>` for the description of
either. Tags are read one by one and not as a tree, so that the time is linear in the size of the
file, whatever its content.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

from django.utils.html import escape

from previews import encodings

# "DT" is left out: like every other tag it only ends the text before it. Quotation marks may be
# unbalanced, so a quoted value never extends beyond its line.
TAG = re.compile(
    r"""<(/?)(dl|dd|h3|a)\b((?:[^<>"']|"[^"\n]*"|'[^'\n]*')*+(?=>)|[^<>]*)>?|<[^<>]*>?|[^<]+""",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(
    r"""(?<![a-z_])([a-z_]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'][^\s]*+))""", re.IGNORECASE
)
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
# Larger numbers are milliseconds or microseconds since 1970: some programs write these.
MAX_SECONDS = 100_000_000_000


@dataclass
class Folder:
    name: str = ""
    description: str = ""


@dataclass
class Bookmark:
    """A link in folder number `folder`; `added` is in Unix seconds, `url` may be ""."""

    folder: int
    url: str
    line: int
    added: int | None = None
    title: str = ""
    description: str = ""


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
        tag = (token[2] or "").lower()
        if tag:
            getattr(self, f"end_{tag}" if token[1] else f"start_{tag}")(token[3])
        elif token[0].startswith("<"):
            self.slot = None
        elif self.slot:
            owner, name = self.slot
            text = getattr(owner, name)
            if len(text) < MAX_TEXT_LENGTH:
                setattr(owner, name, text + _unescape(token[0][:MAX_TEXT_LENGTH]))
        self.line += token[0].count("\n")

    def start_h3(self, attributes):
        self.last = Folder()
        self.next_folder = len(self.bookmarks.folders)
        self.bookmarks.folders.append(self.last)
        self.slot = (self.last, "name")

    def start_a(self, attributes):
        values = {
            match[1].lower(): next(filter(None, match.groups()[1:]), "")
            for match in islice(ATTRIBUTE.finditer(attributes), MAX_ATTRIBUTES)
        }
        url = _unescape(values.get("href", "")).strip()[:MAX_TEXT_LENGTH]
        added = _parse_seconds(values.get("add_date", ""))
        self.last = Bookmark(self.open[-1], url, self.line, added)
        self.bookmarks.links.append(self.last)
        self.slot = (self.last, "title")

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

    end_a = end_dd = end_h3


def _unescape(text):
    """Return `text` without entities, or as it is if one has too many digits for Python."""
    try:
        return unescape(text)
    except ValueError:
        return text


def _parse_seconds(text):
    if not re.fullmatch(r"[0-9]{1,20}", text):
        return None
    number = int(text)
    while number > MAX_SECONDS:
        number //= 1000
    return number


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

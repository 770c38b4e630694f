"""The Netscape bookmark file, which browsers import and export; no other module knows it.

It has no standard but what browsers write: `<DT><H3>` is a folder, whose contents follow between
`<DL>` and `</DL>`; `<DT><A HREF="…" ADD_DATE="…">` is a link, and `<DD>` describes what is before
it. Tags are taken one by one and never as a tree, so that the time it takes grows with the file and
no faster, whatever is in it.
"""

import codecs
import re
from dataclasses import dataclass, field
from html import unescape
from itertools import islice

from django.utils.html import escape

from previews.pages import ENCODINGS

# "DT" is left out: it only ends what is before it, as every other tag does. A quotation mark may be
# no quotation mark, or lack the other one: it never reaches beyond its line.
TAG = re.compile(
    r"""<(/?)(dl|dd|h3|a)\b((?:[^<>"']|"[^"\n]*"|'[^'\n]*')*+(?=>)|[^<>]*)>?|<[^<>]*>?|[^<]+""",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(
    r"""(?<![a-z_])([a-z_]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'][^\s]*+))""", re.IGNORECASE
)
# Of one address or text: far more than any link or collection can hold.
LONGEST = 4096
# Tags and texts: what a file of the largest number of links has, some times over.
MOST_TOKENS = 1_000_000
MOST_ATTRIBUTES = 100
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
HEADER = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>"""
# Some write microseconds, or milliseconds, since 1970.
LATEST_SECOND = 100_000_000_000


@dataclass
class Folder:
    name: str = ""
    description: str = ""


@dataclass
class Bookmark:
    """A link in the folder with the number `folder`; `added` in Unix seconds; `url` may be ""."""

    folder: int
    url: str
    line: int
    added: int | None = None
    title: str = ""
    description: str = ""


@dataclass
class Bookmarks:
    """What a file holds: the first folder is what lies in none."""

    folders: list = field(default_factory=lambda: [Folder()])
    links: list = field(default_factory=list)


class TooManyError(Exception):
    """A file holds more than is read."""


def decode(data):
    """Return the text of a file: UTF-8, or what it says it is, or else what Windows wrote."""
    for name in ("utf-8-sig", declared_encoding(data), "cp1252"):
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    return data.decode("utf-8", "replace")


def declared_encoding(data):
    """Return the encoding that a file names, if browsers know it: Python has some that hang."""
    found = CHARSET.search(data[:2048])
    try:
        name = codecs.lookup(found[1].decode()).name if found else ""
    except LookupError:
        name = ""
    # What was found as ASCII cannot be in UTF-16.
    return name if name in ENCODINGS and not name.startswith("utf-16") else "utf-8"


def read(text, *, most=20_000):
    """Return the Bookmarks of a file's `text`; whatever is none of them is passed over.

    Raises TooManyError for more than `most` links or folders, as soon as it has read so many.
    """
    reader, tokens = Reader(), TAG.finditer(text)
    for token in islice(tokens, MOST_TOKENS):
        reader.take(token)
        if max(len(reader.bookmarks.links), len(reader.bookmarks.folders) - 1) > most:
            raise TooManyError
    if next(tokens, None):
        raise TooManyError
    return reader.bookmarks


class Reader:
    """Goes through the tags of a file; texts belong to the `slot` (a target and its field)."""

    def __init__(self):
        self.bookmarks = Bookmarks()
        self.open = [0]
        self.next_folder = 0
        self.last = self.slot = None
        self.line = 1

    def take(self, token):
        tag = (token[2] or "").lower()
        if tag:
            getattr(self, f"end_{tag}" if token[1] else f"start_{tag}")(token[3])
        elif token[0].startswith("<"):
            self.slot = None
        elif self.slot:
            target, name = self.slot
            text = getattr(target, name)
            if len(text) < LONGEST:
                setattr(target, name, text + _plain(token[0][:LONGEST]))
        self.line += token[0].count("\n")

    def start_h3(self, attributes):
        self.last = Folder()
        self.next_folder = len(self.bookmarks.folders)
        self.bookmarks.folders.append(self.last)
        self.slot = (self.last, "name")

    def start_a(self, attributes):
        found = {
            match[1].lower(): next(filter(None, match.groups()[1:]), "")
            for match in islice(ATTRIBUTE.finditer(attributes), MOST_ATTRIBUTES)
        }
        url = _plain(found.get("href", "")).strip()[:LONGEST]
        added = _seconds(found.get("add_date", ""))
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


def _plain(text):
    """Return `text` without entities; Python refuses numbers of thousands of digits."""
    try:
        return unescape(text)
    except ValueError:
        return text


def _seconds(text):
    if not re.fullmatch(r"[0-9]{1,20}", text):
        return None
    number = int(text)
    while number > LATEST_SECOND:
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

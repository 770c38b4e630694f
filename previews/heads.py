"""Find the end of a page's head while the page arrives."""

import re

MAX_TOKEN_LENGTH = 12
# Several times as many as any head needs; without an end, all is read.
MAX_STEPS = 100_000
# Elements in which "</head" is text, or ignored.
RAW = "script|style|svg|math|title|textarea|template|iframe|xmp|noembed|noframes|noscript"
# Elements that start a body, whose head may have no end tag.
BODY = "body|div|p|h1|main|nav|header|section|article"
MAX_BODY_POSITION = 512 * 1024
TOKEN = re.compile(
    rf"<(?=[a-z/!?])(?:(?P<comment>!--)|(?P<head>/head)(?=[\s/>])|(?P<raw>{RAW})(?=[\s/>])"
    rf"|(?P<body>{BODY})(?=[\s/>])"
    r"|(?P<tag>/?[a-z])|(?P<bogus>[!?]|/[^a-z>]))".encode(),
    re.IGNORECASE,
)
TAG_END = re.compile(rb">|=")
VALUE_START, VALUE_END = re.compile(rb"\S"), re.compile(rb"[\s>]")
ENDS = {
    b"comment": re.compile(rb"-->|--!>"),
    b"bogus": re.compile(rb">"),
    b'"': re.compile(rb'"'),
    b"'": re.compile(rb"'"),
    **{
        name.encode(): re.compile(rf"</{name}(?=[\s/>])".encode(), re.IGNORECASE)
        for name in RAW.split("|")
    },
}


class HeadEnd:
    """Finds where the head of a growing body ends.

    The answer does not depend on how the body was cut into pieces: each step waits for the bytes
    that it needs. The time is linear, because no byte is searched by the same step again, but the
    last few. A head without an end tag ends in the body, after 512 KB. That of a page in UTF-16 is
    not found to end.
    """

    def __init__(self):
        self.position, self.steps_left = 0, MAX_STEPS
        self.step = self._read_text
        self.limit = self.raw = self.awaited = self.next_step = None

    def find(self, body):
        """Return the end of the head in all that has arrived, None if it has not yet ended."""
        while self.steps_left and self.step(body):
            if self.step == self._stop:
                return min(self.position, self.limit or self.position)
            self.steps_left -= 1
        # Every token before the limit has then been read.
        is_beyond = self.limit and len(body) >= self.limit + MAX_TOKEN_LENGTH
        return self.limit if is_beyond else None

    def _read_text(self, body):
        token = TOKEN.search(body, self.position)
        if not token:
            self.position = max(self.position, len(body) - 3)
            return False
        self.position = token.start()
        kind, available = token.lastgroup, len(body) - token.start()
        if kind == "head":
            self.position, self.step = token.end() + 1, self._stop
        elif kind == "comment":
            # "<!-->" is a whole comment.
            self._skip_to(b"comment", self._read_text, token.end() - 2)
        elif kind == "raw":
            self.raw, self.position, self.step = token["raw"].lower(), token.end(), self._read_tag
        elif kind == "body":
            self.limit = self.limit or max(MAX_BODY_POSITION, token.end())
            self.raw, self.position, self.step = None, token.end(), self._read_tag
        elif available < MAX_TOKEN_LENGTH:
            return False
        elif kind == "tag":
            self.raw, self.position, self.step = None, token.end(), self._read_tag
        else:
            self._skip_to(b"bogus", self._read_text, token.end())
        return True

    def _read_tag(self, body):
        match = TAG_END.search(body, self.position)
        if not match:
            self.position = len(body)
            return False
        self.position = match.end()
        if match[0] == b"=":
            self.step = self._read_value
        elif self.raw and not (self.raw in {b"svg", b"math"} and body[match.start() - 1] == 0x2F):
            self._skip_to(self.raw, self._read_text, match.end())
        else:
            self.step = self._read_text
        return True

    def _read_value(self, body):
        match = VALUE_START.search(body, self.position)
        if not match:
            self.position = len(body)
            return False
        if match[0] in {b'"', b"'"}:
            self._skip_to(bytes(match[0]), self._read_tag, match.end())
        else:
            self.position, self.step = match.start(), self._read_unquoted
        return True

    def _read_unquoted(self, body):
        match = VALUE_END.search(body, self.position)
        self.position = match.start() if match else len(body)
        if match:
            self.step = self._read_tag
        return bool(match)

    def _skip_to(self, awaited, next_step, position):
        self.awaited, self.next_step = ENDS[awaited], next_step
        self.position, self.step = position, self._skip

    def _skip(self, body):
        match = self.awaited.search(body, self.position)
        if not match:
            self.position = max(self.position, len(body) - MAX_TOKEN_LENGTH)
            return False
        self.position, self.step = match.end(), self.next_step
        return True

    def _stop(self, body):
        return True

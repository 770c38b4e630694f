"""Decode pages and files of other programs, in the encoding that a browser would choose.

Labels are those of the WHATWG (`webencodings`): "iso-8859-1" is Windows-1252, and "gb2312",
"shift_jis" and "euc-kr" include the extensions of vendors.
"""

import codecs
import re
from itertools import islice

import webencodings

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
# Comments and scripts are matched to skip them; one that is never closed extends to the end.
DECLARATION = re.compile(
    rb"""<!--(?:-?>|.*?(?:--!?>|\Z))|<(?P<hidden>script|style|title)(?=[\s/>]).*?(?:</(?P=hidden)|\Z)"""
    rb"""|<meta(?=[\s/])(?P<meta>(?:[^"'>]|"[^"]*"|'[^']*')*+)"""
    rb"""|\A\s*+<\?xml\s[^>]*?encoding\s*+=\s*+["'](?P<xml>[\w.:-]+)""",
    re.IGNORECASE | re.DOTALL,
)
ATTRIBUTE = re.compile(
    rb"""([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*+)))?"""
)
MAX_ATTRIBUTES, MAX_DECLARATIONS = 100, 10_000
CHARSET = re.compile(r"""charset\s*+=\s*+["']?\s*+([^\s"';]++)""", re.IGNORECASE)
# Browsers read these labels as supersets.
CODECS = {"gbk": "gb18030", "iso-2022-jp": "iso2022_jp_ext"}
ERROR_HANDLERS = {
    "gb18030": "previews.gb18030",
    "euc_jp": "previews.jis",
    "iso2022_jp_ext": "previews.jis",
}
# Handlers are slow, so the rest of a text with more errors is decoded without.
MAX_ERRORS = 10_000


def decode(data, content_type=""):
    """Return the text of `data`; bytes that its encoding does not have become U+FFFD.

    A byte order mark decides, then the header Content-Type, then a declaration in `data`. Without
    any, the text is UTF-8, or Windows-1252 if it is not.
    """
    for mark, label in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], webencodings.lookup(label))
    encoding = find_encoding(read_charset(content_type)) or declared_encoding(data)
    if encoding:
        return _decode(data, encoding)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        # Reading may have stopped within a character.
        is_cut = error.reason == "unexpected end of data" and not data[: error.start].isascii()
        return data.decode("utf-8" if is_cut else "cp1252", "replace")


def find_encoding(label):
    """Return the encoding of a label, None if browsers do not know it."""
    return webencodings.lookup(label) if label else None


def read_charset(content_type):
    """Return the label in a Content-Type, "" for none."""
    match = CHARSET.search(content_type)
    return match[1] if match else ""


def declared_encoding(data):
    """Return the encoding that the first known declaration of a page names, or None."""
    for declaration in islice(DECLARATION.finditer(data), MAX_DECLARATIONS):
        label = (declaration["xml"] or b"").decode("latin-1")
        if declaration["meta"]:
            label = read_meta_label(declaration["meta"])
        encoding = find_encoding(label)
        if encoding:
            # The declaration was matched as ASCII, so the text is not in UTF-16.
            if encoding.name.startswith("utf-16"):
                return None
            is_user_defined = encoding.name == "x-user-defined"
            return webencodings.lookup("windows-1252") if is_user_defined else encoding
    return None


def read_meta_label(attributes):
    """Return the label in the attributes of a `meta` tag, "" for none."""
    values = {}
    for match in ATTRIBUTE.finditer(attributes[: 4 * 1024]):
        value = next(filter(None, match.groups()[1:]), b"")
        values.setdefault(match[1].lower(), value.decode("latin-1"))
        if len(values) > MAX_ATTRIBUTES:
            break
    if values.get(b"charset"):
        return values[b"charset"]
    is_content_type = values.get(b"http-equiv", "").strip().lower() == "content-type"
    return read_charset(values.get(b"content", "")) if is_content_type else ""


def _decode(data, encoding):
    name = CODECS.get(encoding.name, encoding.codec_info.name)
    if name in ERROR_HANDLERS:
        return data.decode(name, ERROR_HANDLERS[name])
    return encoding.codec_info.decode(data, "replace")[0]


def _register(handler_name, replace):
    """Register `replace`, which returns a pair of text and length or None, as an error handler."""

    def handle(error):
        # The decoder passes the same error object each time.
        error.count = getattr(error, "count", 0) + 1
        if error.count > MAX_ERRORS:
            rest = error.object[error.start :].decode(error.encoding, "replace")
            return rest, len(error.object)
        text, length = replace(error.object[error.start : error.start + 2]) or ("\ufffd", 0)
        return text, error.start + length if length else error.end

    codecs.register_error(handler_name, handle)


def _replace_in_gb18030(pair):
    """Return the euro sign, which Windows writes as one byte."""
    return ("€", 1) if pair[0] == 0x80 else None


def _replace_in_jis(pair):
    """Return a character of the rows that NEC and IBM added, which Shift_JIS has as well."""
    row, cell = (byte & 0x7F for byte in pair) if len(pair) == 2 else (0, 0)
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E and pair[0] >> 7 == pair[1] >> 7):
        return None
    row, cell = row - 0x21, cell - 0x21
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell >= 63)
    text = bytes([lead, trail]).decode("cp932", "ignore")
    return (text, 2) if len(text) == 1 else None


_register("previews.gb18030", _replace_in_gb18030)
_register("previews.jis", _replace_in_jis)

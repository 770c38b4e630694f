import codecs
import time

import pytest
import webencodings
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from previews.encodings import declared_encoding, decode

# Labels whose text is not their own: a browser refuses these, or reads the bytes in pairs.
SPECIAL = {"replacement", "utf-16le", "utf-16be", "x-user-defined"}


@pytest.mark.parametrize("label", sorted(LABELS))
def test_label_is_known_everywhere(label):
    name = LABELS[label]
    if name in SPECIAL:
        return
    letter = webencodings.encode({"ibm866": "Я", "windows-874": "ก"}.get(name, "A"), label)
    text = webencodings.decode(letter, label)[0]
    declared = f"<meta charset={label}>".encode() + letter
    http_equiv = f'<META content="text/html; charset={label}" HTTP-EQUIV=content-type>'.encode()
    assert decode(letter, f"text/html; charset={label.upper()}") == text
    assert decode(letter, f"text/html;CHARSET='{label}'") == text
    assert decode(declared).endswith(text)
    assert declared_encoding(http_equiv).name == name


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("iso-8859-1", b"\x93\x80\x94", "“€”"),
        ("latin1", b"\x96", "–"),
        ("us-ascii", b"caf\xe9", "café"),
        ("iso-8859-9", b"\xfd\x80", "ı€"),
        ("tis-620", b"\x80\xa1", "€ก"),
        ("gb2312", "中文 鎔 朱镕基".encode("gbk"), "中文 鎔 朱镕基"),
        ("gb2312", "€".encode("cp1252") + "ă".encode("gb18030"), "€ă"),
        ("gb_2312-80", b"\xd6\xd0", "中"),
        ("shift_jis", b"\x87\x40\xfa\xb1", b"\x87\x40\xfa\xb1".decode("cp932")),
        ("x-sjis", b"\x83\x41", "ア"),
        ("euc-jp", b"\xad\xa1\xa4\xa2\xf9\xa1", "①あ纊"),
        ("iso-2022-jp", b"\x1b$B-!$\"\x1b(B <", "①あ <"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("big5", "中文 㗎".encode("big5hkscs"), "中文 㗎"),
        ("unicode-1-1-utf-8", "é".encode(), "é"),
        ("x-user-defined", b"a\xe9", "a\uf7e9"),
    ],
)  # fmt: skip
def test_encodings_include_vendor_extensions(label, data, text):
    assert decode(data, f"text/html; charset={label}") == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é".encode(), "é"),
        (b"caf\xe9", "café"),
        (b"caf\xe9 \x80", "café €"),
        ("é".encode() + b"\xe2\x82", "é\ufffd"),
        (codecs.BOM_UTF8 + b"<meta charset=koi8-r>\xc3\xa9", "<meta charset=koi8-r>é"),
        (codecs.BOM_UTF16_BE + "é".encode("utf-16be"), "é"),
    ],
)
def test_undeclared_text_is_utf8_or_windows_1252(data, text):
    assert decode(data) == text


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("<meta name=description content='charset=koi8-r'>", None),
        ("<!-- <meta charset=koi8-r> --><meta charset=gbk>", "gbk"),
        ("<script>'<meta charset=koi8-r>'</script><meta charset=gbk>", "gbk"),
        ("<!--><meta charset=gbk>", "gbk"),
        ("<meta charset=nonsense><meta charset=gbk>", "gbk"),
        ("<meta charset = ' GBK '>", "gbk"),
        ("<meta data-charset=koi8-r>", None),
        ("<meta charset=utf-16>", None),
        ("<meta charset=x-user-defined>", "windows-1252"),
        ('<?xml version="1.0" encoding="koi8-r"?>', "koi8-r"),
        (f"<script>{'x' * 700_000}</script><meta charset=gbk>", "gbk"),
    ],
)
def test_declaration_is_read_as_in_browsers(head, name):
    encoding = declared_encoding(head.encode())
    assert (encoding and encoding.name) == name


def test_bad_byte_in_utf8_is_replaced_alone():
    data = "<meta charset=utf-8>Größe ".encode() + b"\xff" + " – 日本".encode()
    assert decode(data) == "<meta charset=utf-8>Größe \ufffd – 日本"


@given(st.binary(max_size=100), st.sampled_from(sorted(LABELS)))
def test_any_bytes_are_decoded(data, label):
    assert isinstance(decode(data, f"text/html; charset={label}"), str)


@pytest.mark.parametrize("label", ["", "gbk", "euc-jp", "iso-2022-jp"])
def test_hostile_bytes_take_bounded_time(label):
    for piece in (
        b"<!--", b"<script>", b"<meta ", b"<meta \"", b"<meta '\"", b"<meta charset=x>",
        b"<meta http-equiv=content-type content=charset=x>", b"<?xml encoding=",
        b"\x81 ", b"\x80\xff",
    ):  # fmt: skip
        started = time.process_time()
        decode(piece * (2 * 1024 * 1024 // len(piece)), f"text/html; charset={label}")
        assert time.process_time() - started < 2, piece

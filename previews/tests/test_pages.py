import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from previews.fetching import Response
from previews.pages import describe_page, extract_metadata
from previews.services import PAGE
from previews.tests import corpus
from previews.tests.conftest import cases

URL = "https://a.test/folder/page.html"


def describe(html, content_type="text/html; charset=utf-8", url=URL):
    body = html.encode() if isinstance(html, str) else html
    return describe_page(Response(url, content_type, body))


FULL = """<!DOCTYPE html><html><head>
<title>Plain title</title>
<meta name="description" content="Plain words.">
<meta property="og:title" content="  Open
 title &amp; more ">
<meta property="og:description" content="Open words.">
<meta property="og:image" content="/picture.png">
<meta property="og:site_name" content="Site"><meta property="og:type" content="article">
<link rel="shortcut icon" href="icon.png">
</head><body><h1>Heading</h1></body></html>"""


def test_open_graph_fields_are_read():
    assert describe(FULL) == {
        "url": URL,
        "title": "Open title & more",
        "description": "Open words.",
        "type": "article",
        "site_name": "Site",
        "favicon": "https://a.test/folder/icon.png",
        "images": [{"image": "https://a.test/picture.png"}],
    }


@pytest.mark.parametrize(
    ("html", "title", "description"),
    [
        ("<title>T</title><meta name=description content=D>", "T", "D"),
        ("<meta name=twitter:title content=T><meta name=twitter:description content=D>", "T", "D"),
        ("<META NAME='Description' CONTENT='D'>", None, "D"),
        ("<meta property=og:title content=''><title>T</title>", "T", None),
        ("<meta name=og:title content=T><meta property=og:title content=Second>", "T", None),
        ("<body><title>T</title><p>text", "T", None),
    ],
)
def test_other_ways_to_say_it_are_understood(html, title, description):
    found = describe(html)
    assert (found.get("title"), found.get("description")) == (title, description)


@pytest.mark.parametrize(
    ("html", "image"),
    [
        ("<meta property=og:image content=//b.test/x.png>", "https://b.test/x.png"),
        ("<meta property=og:image content=x.png>", "https://a.test/folder/x.png"),
        ("<base href=/other/><meta property=og:image content=x.png>", "https://a.test/other/x.png"),
        ("<meta name=twitter:image content=http://b.test/x.png>", "http://b.test/x.png"),
        ("<link rel=image_src href=/x.png>", "https://a.test/x.png"),
        ("<title>x</title><meta property=og:image content=javascript:alert(1)>", None),
        ("<title>x</title><meta property=og:image content=data:image/png;base64,AAAA>", None),
        ("<title>x</title><meta property=og:image content='http://[::1'>", None),
    ],
)
def test_picture_url_is_absolute_or_none(html, image):
    images = describe(html).get("images", [{"image": None}])
    assert images == [{"image": image}]


def test_all_pictures_are_listed_in_order():
    html = """<link rel=image_src href=/d.png><meta name=twitter:image content=/c.png>
    <meta property=og:image content="data:image/png;base64,AAAA">
    <meta property=og:image content=/a.svg><meta property=og:image content=/b.png>
    <meta property=og:image content=/a.svg><meta property=og:image:url content=/b.png>"""
    images = [image["image"] for image in describe(html)["images"]]
    assert images == [f"https://a.test/{name}" for name in ("a.svg", "b.png", "c.png", "d.png")]


def test_number_of_pictures_is_limited():
    tags = [f"<meta property=og:image content=/{number}.png>" for number in range(100)]
    tags += [f"<meta name=twitter:image content=/t{number}.png>" for number in range(100)]
    images = [image["image"] for image in describe("".join(tags))["images"]]
    names = ("0", "1", "2", "3", "t0", "t1")
    assert images == [f"https://a.test/{name}.png" for name in names]


def test_page_without_metadata_is_empty():
    assert describe("<p>Text</p>") == describe("") == describe("<title> </title>") == {}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Café €</title>".encode(), "text/html; charset=UTF-8"),
        ("<title>Café €</title>".encode(), "text/html"),
        ("<meta charset=windows-1252><title>Café €</title>".encode("cp1252"), "text/html"),
        ("<title>Café €</title>".encode("cp1252"), "text/html; charset=iso-8859-1"),
        ("<title>Café €</title>".encode("utf-16"), "text/html; charset=utf-8"),
        ("<title>Café €</title>".encode("utf-16-le"), "text/html; charset=utf-16le"),
        (b"\xef\xbb\xbf" + "<title>Café €</title>".encode(), "text/html; charset=latin-1"),
        ("<title>Café €</title>".encode(), "text/html; charset=zlib"),
        ("<title>Café €</title>".encode(), "text/html; charset=nonsense"),
        ("<meta charset=utf-16><title>Café €</title>".encode(), "text/html"),
    ],
)
def test_charset_detection_follows_browsers(body, content_type):
    assert describe(body, content_type)["title"] == "Café €"


@pytest.mark.parametrize(
    ("name", "text"),
    [("shift_jis", "日本語"), ("euc-jp", "日本語"), ("gb2312", "中文"), ("big5", "中文"),
     ("euc-kr", "한국어"), ("koi8-r", "Привет"), ("windows-1251", "Привет"),
     ("iso-8859-7", "Γειά")],
)  # fmt: skip
def test_charsets_of_other_alphabets_are_read(name, text):
    body = f"<title>{text}</title>".encode(name)
    assert describe(body, f"text/html; charset={name}")["title"] == text


def test_scripts_styles_and_comments_are_skipped():
    long = "x" * 100_000
    for part in (f"<script>{long}</script>", f"<STYLE a=b>{long}</style >", f"<!--{long}-->"):
        assert describe(f"{part}<title>After</title>")["title"] == "After"
    assert describe("<svg><title>Drawing</title></svg><title>Page</title>")["title"] == "Page"
    assert describe("<!--><title>Shown</title>")["title"] == "Shown"
    assert describe("<!--x--!><title>Shown</title>")["title"] == "Shown"
    assert describe("<script></scripts><title>x</title></script><title>Shown</title>") == {
        "url": URL,
        "title": "Shown",
    }
    for name in ("textarea", "template", "xmp", "iframe"):
        hidden = f"<{name}><title>Hidden</title></{name}>"
        assert describe(f"{hidden}<title>Shown</title>")["title"] == "Shown"
    assert describe("<scripted><title>Shown</title>")["title"] == "Shown"
    assert describe("<script><title>Hidden</title>") == {}


def test_quoted_tag_is_kept_whole():
    for content in ("a > b", "List<String>", "it's", "<title>x</title>", "<!-- x"):
        assert describe(f'<meta property="og:title" content="{content}">')["title"] == content
    assert describe("<meta name=description content=it's><title>T</title>")["title"] == "T"
    assert describe("<title>a < b > c</title>")["title"] == "a < b > c"
    assert describe("<meta name=description content='" + "x" * 5000 + "'>") == {}


@pytest.mark.slow
@given(st.lists(st.sampled_from(["<script>", "</script>", "<!--", "-->", "<title>", "x", " "])))
def test_only_head_of_page_is_kept(parts):
    left = extract_metadata("".join(parts))
    assert not left or left.startswith("<title>")
    assert left.count("<title>") <= parts.count("<title>")


@pytest.mark.slow
@given(st.binary(max_size=2000), st.text(max_size=50))
def test_no_bytes_and_no_type_break_anything(body, content_type):
    check(describe(body, f"text/html; charset={content_type}"))


@pytest.mark.parametrize("name", cases(corpus.PAGES))
def test_corpus_page_is_parsed_in_time(name):
    head, _, body = corpus.PAGES[name][0].partition(b"\r\n\r\n")
    content_type = head.decode("latin-1").partition("Content-Type: ")[2].partition("\r\n")[0]
    started = time.monotonic()
    check(describe(body[: PAGE.limit], content_type))
    assert time.monotonic() - started < 2


def check(found):
    """Check the length and characters of texts, and the scheme and length of URLs."""
    addresses = [image["image"] for image in found.pop("images", [])]
    for text in found.values():
        assert 0 < len(text) <= 2048
        assert not set(text) & set(map(chr, [*range(32), *range(127, 160), 0x202E]))
        text.encode()
    for address in addresses:
        assert address.startswith(("http://", "https://"))
        assert len(address) <= 2048

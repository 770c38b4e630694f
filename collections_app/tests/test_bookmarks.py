"""Reading and writing bookmark files, well-formed or not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collections_app import bookmarks
from collections_app.bookmarks import Bookmark, Folder

FIREFOX = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<!-- This is an automatically generated file. -->
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks Menu</H1>

<DL><p>
    <DT><A HREF="https://www.debian.org/" ADD_DATE="1500000000"
        ICON="data:image/png;base64,AA==">Debian &amp; more</A>
    <DT><H3 ADD_DATE="1600000000">Typography</H3>
    <DD>Letters
    <DL><p>
        <DT><A HREF="https://practicaltypography.com/?a=1&amp;b=2"
            ADD_DATE="1600000001">Butterick</A>
        <DD>A book to read.
        <DT><H3>Old type</H3>
        <DL><p>
            <DT><A HREF="https://letterformarchive.org/">Letterform</A>
        </DL><p>
        <DT><A HREF="https://fontsinuse.com/">Fonts in Use</A>
    </DL><p>
    <DT><A HREF="https://last.example/">Last</A>
</DL>
"""


def texts(found):
    return [
        (found.folders[link.folder].name, link.url, link.title.strip(), link.description.strip())
        for link in found.links
    ]


def test_folders_links_and_descriptions_are_read():
    found = bookmarks.read(FIREFOX)
    assert texts(found) == [
        ("", "https://www.debian.org/", "Debian & more", ""),
        ("Typography", "https://practicaltypography.com/?a=1&b=2", "Butterick", "A book to read."),
        ("Old type", "https://letterformarchive.org/", "Letterform", ""),
        ("Typography", "https://fontsinuse.com/", "Fonts in Use", ""),
        ("", "https://last.example/", "Last", ""),
    ]
    assert found.folders[1].description.strip() == "Letters"


def test_date_and_line_are_read():
    first, second, *_rest = bookmarks.read(FIREFOX).links
    assert (first.added, first.line) == (1_500_000_000, 8)
    assert (second.added, second.line) == (1_600_000_001, 13)


@pytest.mark.parametrize("text", ["1600000000", "1600000000000", "1600000000000000"])
def test_dates_of_any_precision_are_seconds(text):
    (link,) = bookmarks.read(f'<A HREF="https://a.example" ADD_DATE="{text}">A</A>').links
    assert link.added == 1_600_000_000


@pytest.mark.parametrize("text", ["", "soon", "-5", "1" * 50])
def test_invalid_date_is_none(text):
    (link,) = bookmarks.read(f'<A HREF="https://a.example" ADD_DATE="{text}">A</A>').links
    assert link.added is None


@pytest.mark.parametrize(
    "attributes",
    [
        'ADD_DATE="1400000000.75"',
        'ADD_DATE=" 1.4e9 "',
        'ADD_DATE="1400000000000"',
        'ADD_DATE="1400000000000.5"',
        'ADD_DATE="1400000000000000"',
        'ADD_DATE="1400000000000000000"',
        'ADD_DATE="13044473600"',
        'ADD_DATE="13044473600000"',
        'ADD_DATE="13044473600000000"',
        'ADD_DATE="130444736000000000"',
        'ADD_DATE="2014-05-13T16:53:20Z"',
        'ADD_DATE="2014-05-13 16:53:20"',
        'ADD_DATE="2014-05-13T18:53:20.123+02:00"',
        'ADD_DATE="20140513T165320Z"',
        'ADD_DATE="20140513165320"',
        'ADD_DATE="Tue, 13 May 2014 16:53:20 GMT"',
        'time_added="1400000000"',
        'LAST_MODIFIED="1400000000"',
        'ADD_DATE="0" LAST_MODIFIED="1400000000"',
        'ADD_DATE="" LAST_MODIFIED="1400000000"',
        'LAST_MODIFIED="1500000000" ADD_DATE="1400000000"',
    ],
)
def test_moments_of_other_programs_are_read(attributes):
    (link,) = bookmarks.read(f'<A HREF="https://a.example" {attributes}>A</A>').links
    assert link.added == 1_400_000_000


@pytest.mark.parametrize("text", ["2014-05-13", "20140513"])
def test_date_without_time_is_its_day(text):
    (link,) = bookmarks.read(f'<A HREF="https://a.example" ADD_DATE="{text}">A</A>').links
    assert link.added == 1_399_939_200


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2014-13-45", "1e99", "٣"]
)
def test_impossible_moment_is_none(text):
    (link,) = bookmarks.read(f'<A HREF="https://a.example" ADD_DATE="{text}">A</A>').links
    assert link.added is None


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("?a=1&copy=2&section=3", "?a=1&copy=2&section=3"),
        ("?a&region&copy", "?a&region©"),
        ("?a=1&amp;copy=2&amp;amp;b", "?a=1&copy=2&amp;b"),
        ("?a&notit;&notin;&nosuch;", "?a&notit;∉&nosuch;"),
        ("?a&#38b=1&#x26;c&lt=5&lt;", "?a&b=1&c&lt=5<"),
        ("?a&lt&amp", "?a<&"),
    ],
)
def test_references_in_addresses_follow_html(written, url):
    (link,) = bookmarks.read(f'<A HREF="https://a.example/{written}">A</A>').links
    assert link.url == f"https://a.example/{url}"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("I <3 it", "I <3 it"),
        ("</3 and < b", "</3 and < b"),
        ("a<b<c", "a<b<c"),
        ("if x <a then", "if x <a then"),
        ("a <b>bold</b> word", "a bold word"),
        ('an <img alt="a>b"> image', "an  image"),
        ("Vec<String> and <ana@a.example>", "Vec<String> and <ana@a.example>"),
        ("a <!-- comment --> b", "a  b"),
        ("one<br>two<p>three", "one\ntwo\nthree"),
        ("&lt;b&gt; &amp; c", "<b> & c"),
    ],
)
def test_markup_within_texts(written, text):
    found = bookmarks.read(
        f"<DL><DT><H3>{written}</H3><DD>{written}\n<DL>"
        f'<DT><A HREF="x">{written}</A>\n<DD>{written}\n'
        '<DT><A HREF="y">Y</A></DL></DL>'
    )
    link, other = found.links
    read = (link.title, link.description, found.folders[1].name, found.folders[1].description)
    assert [each.strip() for each in read] == [text] * 4
    assert (other.title, other.description) == ("Y", "")


def test_link_within_description_is_text():
    found = bookmarks.read(
        '<DT><A HREF="x">X</A><DD>See <a href="y">this</a> and\n<a href=z>that</a> too\n'
        '<A HREF="w" ADD_DATE="1400000000">W</A>'
    )
    assert [(link.url, link.title, link.description) for link in found.links] == [
        ("x", "X", "See this and\nthat too\n"),
        ("w", "W", ""),
    ]


@pytest.mark.parametrize(
    ("attributes", "is_private"),
    [
        ("", False),
        ('PRIVATE="0"', False),
        ('private="false"', False),
        ('PRIVATE="1"', True),
        ("private=1", True),
        ("private='true'", True),
        ("PRIVATE", True),
        ('PRIVATE="yes" TAGS="a"', True),
        ('SHARED="no"', True),
        ('SHARED="yes"', False),
        ('PUBLIC="0"', True),
        ('PUBLIC="1"', False),
        ('DATA-PRIVATE="1" TITLE="private=1"', False),
    ],
)
def test_private_links_are_recognised(attributes, is_private):
    (link,) = bookmarks.read(f'<A HREF="https://a.example" {attributes}>A</A>').links
    assert link.is_private == is_private


def test_attributes_need_no_quotes_and_no_capitals():
    (link,) = bookmarks.read("<a add_date='5' href=https://a.example>A</a>").links
    assert (link.url, link.added) == ("https://a.example", 5)


def test_extra_closing_tags_are_ignored():
    found = bookmarks.read('</DL></DL><H3>F</H3><DL><A HREF="https://a.example">A</A>')
    assert texts(found) == [("F", "https://a.example", "A", "")]


@pytest.mark.parametrize(
    "data",
    [
        "<A>Ä</A>".encode(),
        b"\xef\xbb\xbf" + "<A>Ä</A>".encode(),
        '<META CHARSET="iso-8859-1"><A>Ä</A>'.encode("latin-1"),
        "<A>Ä</A>".encode("cp1252"),
        *(
            f'<META CHARSET="{name}"><A>Ä</A>'.encode("cp1252")
            for name in ("no-such-target", "undefined", "punycode", "utf-16", "hex", "idna")
        ),
    ],
)
def test_every_usual_encoding_is_read(data):
    assert bookmarks.read(bookmarks.decode(data)).links[0].title == "Ä"


@pytest.mark.slow
@given(st.binary())
def test_any_bytes_are_some_text(data):
    bookmarks.read(bookmarks.decode(data))


PLAIN = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20).map(str.strip)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(
            st.builds(Folder, PLAIN, PLAIN),
            st.lists(
                st.builds(
                    Bookmark,
                    folder=st.just(0),
                    url=PLAIN,
                    line=st.just(0),
                    added=st.integers(0, 2_000_000_000),
                    title=PLAIN,
                    description=PLAIN,
                ),
                max_size=3,
            ),
        ),
        max_size=3,
    )
)
def test_written_file_is_read_back(folders):
    found = bookmarks.read("\n".join(bookmarks.write(folders)))
    links = [
        (folder.name, link.url, link.title, link.description)
        for folder, some in folders
        for link in some
    ]
    assert texts(found) == links
    assert [folder.name for folder in found.folders[1:]] == [folder.name for folder, _ in folders]


@pytest.mark.parametrize(
    ("tag", "url"),
    [
        ('<A HREF="javascript:if(a<b)x()">', "javascript:if(a<b)x()"),
        ('<A HREF="https://a.example/?a>b">', "https://a.example/?a>b"),
        ("<A HREF='https://a.example/?<b>'>", "https://a.example/?<b>"),
        ('<A HREF="https://a.example>', ""),
        ('<A HREF="javascript:a<b()>', ""),
        ("<A HREF=https://a.example/it's>", "https://a.example/it's"),
        ("<A HREF=https://a.example/it's ICON='x'>", "https://a.example/it's"),
        ('<A HREF="https://a.example/&#' + "9" * 5000 + '">', "https://a.example/&#" + "9" * 4076),
    ],
    ids=str,
)
def test_malformed_line_is_still_a_link(tag, url):
    found = bookmarks.read(f'<DT>{tag}T</A>\n<DT><A HREF="https://b.example">It\'s "B"</A>\n')
    assert [link.url for link in found.links] == [url, "https://b.example"]
    assert found.links[1].title == 'It\'s "B"'


@pytest.mark.slow
def test_reading_stops_at_too_many_links():
    for piece in ("<a href=x>", "<h3>", "<dl>", "<"):
        text = piece * 2_000_000
        began = time.process_time()
        with pytest.raises(bookmarks.TooManyError):
            bookmarks.read(text)
        assert time.process_time() - began < 5
    assert len(bookmarks.read("<a href=x>" * 5, limit=5).links) == 5
    with pytest.raises(bookmarks.TooManyError):
        bookmarks.read("<a href=x>" * 6, limit=5)


@pytest.mark.slow
def test_reading_stops_at_too_many_attributes():
    began = time.process_time()
    (link,) = bookmarks.read(f"<a href=x {'y=1 ' * 8_000_000}>").links
    assert link.url == "x"
    assert time.process_time() - began < 2


def test_long_texts_are_cut_while_reading():
    found = bookmarks.read("<a href=x>" + "<dd>xxxxx" * 100_000)
    assert 4096 <= len(found.links[0].description) < 2 * 4096


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "<", "<a ", "<a href=", '<a href="', "<!--", "<a a", "<dl>", "</dl>", "&amp", "<a 'b",
        "<dd>xxxxx", "<b ", "<3",
        "x<b '", "<a href=x private ", "</", "<a href=x><dd><a ",
        "<a \"'", "<a '\"", "<a \"'\n", "<a '>", "<a b='", "<a '\"'",
    ],
)  # fmt: skip
def test_reading_time_is_linear(piece):
    """Expect about 10 times the time for 10 times the text; quadratic would be 100 times."""
    short, long = (fastest(piece * size) for size in (10_000, 100_000))
    assert long < 60 * max(short, 0.001)


def fastest(text):
    times = []
    for _attempt in range(3):
        began = time.process_time()
        bookmarks.read(f"<a href=x>{text}", limit=len(text))
        times.append(time.process_time() - began)
    return min(times)

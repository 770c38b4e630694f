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
        "<dd>xxxxx", "<a \"'", "<a '\"", "<a \"'\n", "<a '>", "<a b='", "<a '\"'",
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

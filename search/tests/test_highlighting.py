import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.highlighting import MAX_SNIPPET_LENGTH, highlight, snippet
from search.words import Query, normalize

MARK = re.compile(r"</?mark>")
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Crème brûlée", "creme", "<mark>Crème</mark> brûlée"),
        ("The Straße", "STRASSE", "The <mark>Straße</mark>"),
        ("A tutorial", "tut", "A <mark>tutorial</mark>"),
        ("Ana Lopes", "lopes ana", "<mark>Ana</mark> <mark>Lopes</mark>"),
        ("日本語の本", "本語", "日<mark>本語</mark>の本"),
        ("C++ & C", "c++", "<mark>C++</mark> &amp; <mark>C</mark>"),
        ("docs.example.org", "example", "docs.<mark>example</mark>.org"),
        ("Nothing here", "else", "Nothing here"),
        ("", "else", ""),
    ],
)
def test_words_that_were_asked_for_are_marked(text, query, expected):
    assert highlight(text, Query(query)) == expected


def test_texts_are_escaped_around_marks():
    shown = highlight('<script>alert("x")</script> & <mark>', Query("alert script"))
    assert "<script" not in shown
    assert shown.count("<mark>") == 3
    assert "&lt;mark&gt;" in shown


@pytest.mark.slow
@given(ANYTHING, ANYTHING)
def test_without_its_marks_it_is_the_text(text, query):
    assert html.unescape(MARK.sub("", highlight(text, Query(query)))) == html.unescape(
        html.escape(normalize(text))
    )


@pytest.mark.slow
@given(st.text(st.sampled_from("word tea é <>&\n本"), max_size=900), ANYTHING)
def test_snippet_is_short_with_ellipsis(text, query):
    shown = html.unescape(MARK.sub("", snippet(text, Query(query))))
    one_line = " ".join(text.split())
    assert len(shown) <= MAX_SNIPPET_LENGTH + 2
    assert shown.strip("…") in normalize(one_line)
    assert shown.startswith("…") or one_line.startswith(shown.rstrip("…"))


def test_snippet_surrounds_first_match():
    text = "before " * 80 + "needle " + "after " * 80
    shown = snippet(text, Query("needle"))
    assert shown.startswith("…before")
    assert shown.endswith("…")
    assert "<mark>needle</mark>" in shown


def test_snippet_without_match_is_beginning():
    shown = snippet("one " + "more " * 100, Query("title"))
    assert shown.startswith("one more")
    assert shown.endswith("…")

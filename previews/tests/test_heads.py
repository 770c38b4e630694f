import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from previews import heads
from previews.heads import HeadEnd
from previews.services import PAGE

END = b"</head>"
PIECES = [
    "<head>", "</head>", "</HEAD\n", "</head", "</header>", "<script>", "</script>", "</scripts>",
    "<style a='>'>", "</style >", "<!--", "-->", "--!>", "<!-->", "<!", "<?", "</", "<title>",
    "</title/",
    "<meta content=\"", "<meta a='", "a=b", "=", "'", '"', ">", "<", "/", "<svg/>", "<noscript>",
    "</noscript>", "<template>", "<body>", "<div a='", "<bodys>", " ", "x", "\x00",
]  # fmt: skip


def find_end(*pieces):
    body, head = bytearray(), HeadEnd()
    for piece in pieces:
        body += piece
        position = head.find(body)
        if position is not None:
            return position
    return None


@pytest.mark.parametrize(
    "text",
    [
        b"<script>'</head>'</script>",
        b'<script src="a>b">"</head>"</script>',
        b"<script></head></scripts></head></script>",
        b"<style>/* </head> */</style>",
        b"<title></head></title>",
        b"<noscript></head></noscript>",
        b"<template></head></template>",
        b"<svg><title></head></title></svg>",
        b"<!-- </head> -->",
        b"<!-- > </head> --!>",
        b"<!DOCTYPE html </head",
        b"</header></heads></head-x>",
        b"< /head>",
        b'<meta content="</head>">',
        b"<meta content = '</head>\"'>",
        b"<html data-a='it\"s </head>'>",
        b'<meta content=it\'s><link href="x">',
        b"<svg/><!--><br/>",
        "</head>".encode("utf-16-le"),
    ],
)
def test_head_goes_on(text):
    page = b"<head>" + text
    assert find_end(page + b"\n" + b"x" * 20) is None
    if b"</head\n" not in page + b"\n" and b"DOCTYPE" not in page:
        assert find_end(page + END + b"<p>") == len(page + END)


@pytest.mark.parametrize("end", [b"</head>", b"</HEAD >", b"</Head\n>", b"</head/>"])
def test_head_ends_at_once(end):
    assert find_end(b"<title>T</title>" + end) == len(b"<title>T</title></head>")


@pytest.mark.parametrize("limit", [heads.MAX_BODY_POSITION, 10, 60])
@given(pieces=st.lists(st.sampled_from(PIECES)), cuts=st.lists(st.integers(0, 300)))
def test_any_split_gives_same_end(limit, pieces, cuts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "MAX_BODY_POSITION", limit)
        check_split(pieces, cuts)


def check_split(pieces, cuts):
    page = "".join(pieces).encode()
    places = sorted({0, *(min(cut, len(page)) for cut in cuts), len(page)})
    split = [page[start:end] for start, end in pairwise(places)]
    whole = find_end(page)
    assert find_end(*split) == whole
    assert find_end(*(page[index : index + 1] for index in range(len(page)))) == whole


def test_head_without_end_tag_ends_in_body():
    start, rest = b"<title>T</title><body>", b"x" * 1_000_000
    assert find_end(start + rest) == heads.MAX_BODY_POSITION
    assert find_end(b"<script>" + rest + b"</script>" + start + b"x" * 20) == len(rest + start) + 16
    assert find_end(b"<title>T</title>" + rest) is None


@pytest.mark.parametrize("size", [100, 16 * 1024, PAGE.limit])
@pytest.mark.parametrize(
    "text",
    ["<", "</", "<!--", "<script>", "<a", "<p a='\">", "<p a=", "= ", "</hea", "<!", "<svg/>", " "],
)
def test_hostile_head_takes_linear_time(text, size):
    page = (text * (PAGE.limit // len(text))).encode()
    started = time.process_time()
    find_end(*(page[index : index + size] for index in range(0, len(page), size)))
    assert time.process_time() - started < 2

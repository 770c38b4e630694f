"""Inputs of bookmark files and addresses with their right answers, in `cases/links/cases.json`."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from collections_app import bookmarks, imports
from collections_app.links import canonical_key, host_of, validate_link
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory

FOLDER = Path(__file__).parent / "cases" / "links"
CASES = json.loads((FOLDER / "cases.json").read_text())


@pytest.fixture
def ana(db):
    return UserFactory()


def cases(how, *findings):
    chosen = [case for case in CASES if case["how"] == how and case["finding"] in findings]
    return pytest.mark.parametrize(
        "case",
        chosen,
        ids=[f"{case['finding']}-{case.get('file', case.get('name'))}" for case in chosen],
    )


def import_case(person, case):
    data = (FOLDER / case["file"]).read_bytes()
    bookmark_import = imports.start(person=person, file_name=case["file"], data=data)
    while imports.run_slice(bookmark_import.pk):
        pass
    bookmark_import.refresh_from_db()
    return bookmark_import


def saved_links():
    return list(Content.objects.order_by("id"))


@cases("bookmark file", "L1", "L8", "L12")
def test_bookmark_file_is_read(case):
    right = case["right"]
    if isinstance(right, str):
        right = [
            {"url": "https://m.example/", "description": "See this too", "added": 1_500_000_000}
        ]
    found = bookmarks.read(bookmarks.decode((FOLDER / case["file"]).read_bytes())).links
    read = [
        {name: getattr(link, name) for name in row} for link, row in zip(found, right, strict=True)
    ]
    assert [
        {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}
        for row in read
    ] == right


@cases("bookmark file", "L1", "L8", "L12")
def test_bookmark_file_is_imported(case, ana):
    bookmark_import = import_case(ana, case)
    assert bookmark_import.added == bookmark_import.total
    right = case["right"]
    for link, row in zip(saved_links(), right if isinstance(right, list) else [{}], strict=True):
        for name in row.keys() - {"added"}:
            assert getattr(link, name) == row[name]
        assert int(link.created_at.timestamp()) == row.get("added", 1_500_000_000)


@cases("bookmark file", "L2")
def test_private_link_is_left_out(case, ana):
    bookmark_import = import_case(ana, case)
    assert [link.title for link in saved_links()] == ["Loud"]
    assert [(text, reason) for _line, text, reason in bookmark_import.problems] == [
        ("Quiet", "private")
    ]


@cases("address", "L9", "L11", "L15")
def test_address(case):
    url, right = case["name"], case["right"]
    validate_link(url)
    if "host_of" in right:
        assert host_of(url) == right["host_of"]
    if "differs_from" in right:
        assert canonical_key(url) != canonical_key(right["differs_from"])


@cases("address", "L10")
def test_address_in_atom(case, client, ana):
    data = f'<A HREF="{case["name"]}">A</A>'.encode()
    bookmark_import = imports.start(person=ana, file_name="a.html", data=data)
    imports.run_slice(bookmark_import.pk)
    feed = client.get(reverse("collections:feed", args=[ana.collections.get().pk])).text
    (link,) = re.findall(r'<entry>.*?<link href="([^"]*)"', feed, re.DOTALL)
    assert f'href="{link}"' in case["right"]


@cases("address", "L18")
def test_feed_of_empty_collection(case, client, db):
    collection = CollectionFactory()
    path = reverse("collections:feed", args=[collection.pk])
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304

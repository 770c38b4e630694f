"""Atom feeds of collections and people."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone

from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def address(collection):
    return reverse("collections:feed", args=[collection.pk])


def entries(answer):
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def titles(answer):
    return [entry.findtext(f"{ATOM}title") for entry in entries(answer)]


def test_a_feed_has_the_newest_links_first(client, address, collection, link):
    ContentFactory(collection=collection, title="Newer")
    assert titles(client.get(address)) == ["Newer", "Python"]


def test_entry_has_url_and_author(client, address, link):
    (entry,) = entries(client.get(address))
    assert entry.find(f"{ATOM}link").get("href") == link.url
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ana Lopes"
    assert entry.findtext(f"{ATOM}id").startswith("tag:")


def test_person_feed_has_all_collections(client, ana, link):
    ContentFactory(collection=CollectionFactory(author=ana), title="Elsewhere")
    assert titles(client.get("/users/ANA/feed.atom")) == ["Elsewhere", "Python"]


def test_hidden_links_are_in_no_feed(client, address, link):
    Content.objects.update(hidden_at=timezone.now())
    assert titles(client.get(address)) == []
    assert titles(client.get("/users/ana/feed.atom")) == []


def test_hidden_collection_has_no_feed(signed_in, ana, address, collection):
    type(collection).objects.update(hidden_at=timezone.now())
    assert signed_in(ana).get(address).status_code == 404


def test_markup_and_invalid_xml_are_escaped(client, address, collection):
    ContentFactory(collection=collection, title="<b>\x0bA & B", description="<script>\x1b")
    (entry,) = entries(client.get(address))
    assert entry.findtext(f"{ATOM}title") == "<b>A & B"
    assert entry.findtext(f"{ATOM}summary") == "&lt;script&gt;"


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("HTTP://UPPER.example/Path", "http://UPPER.example/Path"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://bücher.example:8080/é", "https://xn--bcher-kva.example:8080/%C3%A9"),
    ],
)
def test_entry_link_is_that_of_browsers(client, address, link, url, href):
    Content.objects.update(url=url)
    (entry,) = entries(client.get(address))
    assert entry.find(f"{ATOM}link").get("href") == href


def test_empty_feed_has_time_of_its_target(client, ana, address, collection):
    begun = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    type(collection).objects.update(created_at=begun)
    type(ana).objects.update(date_joined=begun)
    for path in (address, "/users/ana/feed.atom"):
        answer = client.get(path)
        updated = ElementTree.fromstring(answer.content).findtext(f"{ATOM}updated")
        assert datetime.fromisoformat(updated) == begun
        again = client.get(path, headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304


def test_unchanged_feed_answers_304(client, address, link):
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    Content.objects.update(title="Python 3")
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.slow
def test_feed_query_count_is_constant(client, address, collection, queries_of):
    ContentFactory(collection=collection)
    few = queries_of(client, address)
    ContentFactory.create_batch(20, collection=collection)
    assert queries_of(client, address) == few


def test_pages_say_where_their_feed_is(client, collection, address):
    page = client.get(collection.get_absolute_url()).content.decode()
    assert 'type="application/atom+xml"' in page
    assert address in page
    assert "/users/ana/feed.atom" in client.get("/users/ana/").content.decode()

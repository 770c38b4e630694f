from datetime import UTC, datetime

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from stream_django.client import stream_client

from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.readers import read_page, tidy

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection(deliver):
    collection = CollectionFactory(name="Typography")
    ContentFactory.create_batch(5, collection=collection)
    deliver()
    return collection


def read(rf, collection, **query):
    return read_page(rf.get("/", query), "collection", str(collection.pk))


def test_a_page_holds_enriched_activities(rf, collection):
    page = read(rf, collection)
    assert len(page.items) == 5
    assert page.items[0]["object"]["data"]["name"] == "Typography"
    assert (page.older, page.failed, page.deferred) == ("", False, False)


def test_older_pages_are_named_by_the_last_activity(rf, collection, settings):
    settings.FEED_PAGE_SIZE = 2
    found, page = [], read(rf, collection)
    while page.older:
        found += page.items
        page = read(rf, collection, before=page.older)
    found += page.items
    assert len({activity["id"] for activity in found}) == 5


@pytest.mark.parametrize("before", ["x", "1", "'", "0" * 40])
def test_a_page_before_no_activity_is_not_found(rf, collection, before):
    with pytest.raises(Http404):
        read(rf, collection, before=before)


def test_a_page_goes_on_past_activities_that_are_left_out(rf, collection, settings):
    settings.FEED_PAGE_SIZE = 2
    stream_client.collections.delete("collections", str(collection.pk))
    page = read(rf, collection)
    assert page.items == []
    assert page.older


def test_a_feed_that_cannot_be_read_says_so(rf, collection, broken_stream):
    page = read(rf, collection)
    assert page.failed
    html = render_to_string("feeds/_feed.html", {"feed": page, "request": rf.get("/"), "empty": ""})
    assert "cannot be read" in html


def test_an_answer_that_is_no_answer_says_so(rf, collection, faulty_stream):
    faulty_stream(500, b"<html>")
    assert read(rf, collection).failed


def test_a_hosted_feed_is_left_to_the_browser_unless_asked_for(rf, collection, settings):
    settings.FEEDS_TRANSPORT = None
    page = read(rf, collection)
    assert page.deferred
    assert page.items == []
    assert len(read(rf, collection, load="server").items) == 5


def test_what_people_write_is_escaped(rf, collection, deliver):
    ContentFactory(collection=collection, title="<script>alert(1)</script>")
    deliver()
    context = {"feed": read(rf, collection), "request": rf.get("/"), "empty": ""}
    html = render_to_string("feeds/_feed.html", context)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_reading_takes_the_same_queries_at_any_size(rf, collection, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        read(rf, collection)


@pytest.mark.parametrize("status", [200, 429, 503])
@pytest.mark.parametrize("body", [b'{"message": "slow down"}', b"[]", b"not JSON", b""])
def test_no_answer_whatever_raises(rf, collection, faulty_stream, status, body):
    faulty_stream(status, body)
    assert read(rf, collection).failed


def test_what_only_looks_like_a_date_is_shown_as_written(rf, collection, deliver):
    ContentFactory(collection=collection, title="1999-12-31")
    deliver()
    context = {"feed": read(rf, collection), "request": rf.get("/"), "empty": ""}
    assert ">1999-12-31</a>" in render_to_string("feeds/_feed.html", context)


def test_a_time_without_a_fraction_is_a_time_too():
    activity = tidy({"time": "2024-05-01T12:00:00", "title": "x"})
    assert activity["time"] == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_an_older_page_of_a_hosted_feed_is_left_to_the_browser_too(rf, settings):
    settings.FEEDS_TRANSPORT = None
    before = "24f9d500-bb87-11e5-8080-80012ce3cc51"
    page = read_page(rf.get("/", {"before": before}), "user", "1")
    assert (page.deferred, page.older) == (True, before)
    context = {"feed": page, "empty": ""}
    html = render_to_string("feeds/_feed.html", context, request=rf.get("/", {"before": before}))
    assert f"before={before}&amp;load=server" in html

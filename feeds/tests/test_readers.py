from datetime import UTC, datetime

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from stream_django.client import stream_client

from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.timeline.readers import make_item, read_id, read_page, with_time

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


def test_unreadable_feed_shows_message(rf, collection, broken_stream):
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
    activity = with_time({"time": "2024-05-01T12:00:00", "title": "x"})
    assert activity["time"] == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_an_older_page_of_a_hosted_feed_is_left_to_the_browser_too(rf, settings):
    settings.FEEDS_TRANSPORT = None
    before = "24f9d500-bb87-11e5-8080-80012ce3cc51"
    page = read_page(rf.get("/", {"before": before}), "user", "1")
    assert (page.deferred, page.older) == (True, before)
    context = {"feed": page, "empty": ""}
    html = render_to_string("feeds/_feed.html", context, request=rf.get("/", {"before": before}))
    assert f"before={before}&amp;load=server" in html


def group_result(number, *, actors=None, verb="follow", **fields):
    """Return a group of Stream's with `number` activities, its newest five included."""
    by = actors or range(number)
    activities = [
        {
            "actor": {"id": str(actor), "data": {"name": f"P{actor}"}},
            "object": {"id": "1", "data": {}},
            "time": "2026-03-04T12:00:00",
        }
        for actor in by
    ]
    counts = {"activity_count": number, "actor_count": len(set(by))}
    named = {"id": "x", "group": "g", "verb": verb, "updated_at": "2026-03-04T12:00:00"}
    return {**named, **counts, "activities": activities[:5], **fields}


@pytest.mark.parametrize(
    ("result", "form"),
    [
        (group_result(1), "1"),
        (group_result(2), "2"),
        (group_result(3), "3"),
        (group_result(300), "many"),
        (group_result(4, actors=[7, 7, 7, 7]), "1"),
        # The five that Stream sends are all of one of two people: a headline cannot name another.
        (group_result(6, actors=[7, 7, 7, 7, 7, 8]), "1"),
        (group_result(1, verb="post"), "1"),
        (group_result(2, verb="post", actors=[7, 7]), "many"),
    ],
)
def test_a_headline_counts_people_where_it_names_them_and_activities_otherwise(result, form):
    assert make_item(result).form == form


def test_a_group_knows_how_much_of_it_is_not_shown():
    group = make_item(group_result(9))
    assert (len(group.shown), len(group.hidden), group.more_count) == (2, 3, 4)
    assert group.other_actor_count == 7
    assert [actor["data"]["name"] for actor in group.actors] == ["P0", "P1", "P2", "P3", "P4"]


def test_a_group_is_told_by_what_is_left_of_it():
    result = group_result(2)
    result["activities"][0]["object"] = {"error": "ReferenceNotFound"}
    assert [row["actor"]["id"] for row in make_item(result).activities] == ["1"]
    result["activities"][1]["actor"] = "SU:1"
    assert make_item(result) is None


@pytest.mark.parametrize("read_id_of", ["24f9d500-bb87-11e5-8080-80012ce3cc51", ""])
def test_ids_of_activities_and_groups_are_ids(read_id_of):
    assert read_id(read_id_of) == read_id_of
    group = f"{read_id_of}.follow_SU:1_2026-03-04"
    assert not read_id_of or read_id(group) == group

"""Several entries by one call, and what happens when Stream does not take all of them."""

import pytest
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from accounts.tests.factories import UserFactory
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.outbox.delivery import MAX_ENTRIES_PER_CALL, deliver_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    collection = CollectionFactory()
    deliver_pending()
    OutboxEntry.objects.all().delete()
    return collection


@pytest.fixture
def stream(picky_stream):
    """Stream as it is, with the calls that it was sent."""
    return picky_stream("what nobody says")


def foreign_ids(collection):
    feed = stream_client.feed("collection", str(collection.pk))
    return {row["foreign_id"] for row in feed.get()["results"]}


def test_links_of_a_collection_are_added_by_few_calls(collection, stream):
    links = ContentFactory.create_batch(MAX_ENTRIES_PER_CALL + 5, collection=collection)
    deliver_pending()
    assert len(stream.calls) == 2
    assert foreign_ids(collection) == {f"collections_app.Content:{link.pk}" for link in links[-25:]}
    assert not Content.objects.filter(stream_id="").exists()


def test_objects_are_set_by_one_call_across_keys(stream):
    collections = CollectionFactory.create_batch(5)
    OutboxEntry.objects.all().delete()
    for collection in collections:
        feed_manager.set_object(collection)
    deliver_pending()
    assert len(stream.calls) == 1
    found = stream_client.collections.get("collections", str(collections[3].pk))
    assert found["data"]["name"] == collections[3].name


def test_changes_are_told_by_one_call_and_follows_too_whatever_they_copy(stream):
    people = UserFactory.create_batch(3)
    collections = CollectionFactory.create_batch(3)
    OutboxEntry.objects.all().delete()
    for collection in collections:
        feed_manager.saved(collection, created=False)
    feed_manager.followed([row for person in people for row in person.follows.all()])
    deliver_pending()
    assert sorted(call.split("/")[-2] for call in stream.calls) == [
        "activities",
        "follow_many",
    ]


def test_what_lies_between_keeps_its_place(collection, stream):
    first, _ = ContentFactory.create_batch(2, collection=collection)
    first.delete()
    ContentFactory(collection=collection)
    deliver_pending()
    assert [call.split()[0] for call in stream.calls] == ["POST", "DELETE", "POST"]


def test_one_that_is_refused_is_parked_and_the_others_are_delivered(
    collection, picky_stream, states
):
    links = [ContentFactory(collection=collection, title=title) for title in ("a", "refused", "c")]
    picky_stream("refused")
    deliver_pending()
    assert [state for _, state in states()] == ["delivered", "failed", "delivered"]
    assert "InputException: no refused" in OutboxEntry.objects.get(state="failed").error
    assert foreign_ids(collection) == {
        f"collections_app.Content:{links[0].pk}",
        f"collections_app.Content:{links[2].pk}",
    }


def test_one_that_breaks_stream_holds_its_own_key_alone(collection, picky_stream, states):
    other = CollectionFactory()
    deliver_pending()
    OutboxEntry.objects.all().delete()
    for title in ("a", "breaks", "c"):
        ContentFactory(collection=collection, title=title)
    picky_stream("breaks", status=500)
    deliver_pending()
    assert [state for _, state in states()] == ["delivered", "pending", "pending"]
    assert not OutboxEntry.objects.exclude(claimed_until=None).exists()
    ContentFactory(collection=other)
    deliver_pending()
    assert states()[-1][1] == "delivered"


def test_what_was_deleted_while_it_was_told_is_taken_back(collection, stream):
    """Its removal may have been told before, under another key."""
    links = ContentFactory.create_batch(2, collection=collection)
    server = stream.server

    class DeletesMeanwhile:
        def send(self, request, **options):
            if request.method == "POST":
                Content.objects.filter(pk=links[0].pk).delete()
                OutboxEntry.objects.filter(operation="remove").delete()
            return server.send(request, **options)

    stream.server = DeletesMeanwhile()
    deliver_pending()
    assert foreign_ids(collection) == {f"collections_app.Content:{links[1].pk}"}


def test_a_row_that_cannot_be_told_holds_its_own_key_alone(collection, states):
    bad = ContentFactory(collection=collection)
    OutboxEntry.objects.filter(subject__endswith=f":{bad.pk}").update(subject="no.Model:1")
    feed_manager.set_object(CollectionFactory())
    deliver_pending()
    entry = OutboxEntry.objects.get(subject="no.Model:1")
    assert (entry.state, entry.attempts) == ("pending", 1)
    assert "LookupError" in entry.error
    assert {state for subject, state in states() if subject != "no.Model:1"} == {"delivered"}

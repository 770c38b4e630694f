"""Operations: batches of entries in one call, and entries that take many calls."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from accounts.tests.factories import UserFactory
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.outbox.claims import claim
from feeds.outbox.delivery import MAX_ENTRIES_PER_CALL, deliver, deliver_pending
from feeds.outbox.operations import perform
from feeds.tests.factories import OutboxEntryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    collection = CollectionFactory()
    deliver_pending()
    OutboxEntry.objects.all().delete()
    return collection


@pytest.fixture
def stream(picky_stream):
    """Return the working server's adapter, which records the calls."""
    return picky_stream("what nobody says")


def foreign_ids(collection):
    feed = stream_client.feed("collection", str(collection.pk))
    return {row["foreign_id"] for row in feed.get()["results"]}


def test_adds_are_batched_per_feed(collection, stream):
    links = ContentFactory.create_batch(MAX_ENTRIES_PER_CALL + 5, collection=collection)
    deliver_pending()
    assert len(stream.calls) == 2
    assert foreign_ids(collection) == {f"collections_app.Content:{link.pk}" for link in links[-25:]}
    assert not Content.objects.filter(stream_id="").exists()


def test_objects_are_batched_across_keys(stream):
    collections = CollectionFactory.create_batch(5)
    OutboxEntry.objects.all().delete()
    for collection in collections:
        feed_manager.set_object(collection)
    deliver_pending()
    assert len(stream.calls) == 1
    found = stream_client.collections.get("collections", str(collections[3].pk))
    assert found["data"]["name"] == collections[3].name


def test_updates_and_follows_are_batched(stream):
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


def test_removal_splits_batch(collection, stream):
    first, _ = ContentFactory.create_batch(2, collection=collection)
    first.delete()
    ContentFactory(collection=collection)
    deliver_pending()
    assert [call.split()[0] for call in stream.calls] == ["POST", "DELETE", "POST"]


def test_refused_entry_of_batch_is_parked(collection, picky_stream, states):
    links = [ContentFactory(collection=collection, title=title) for title in ("a", "refused", "c")]
    picky_stream("refused")
    deliver_pending()
    assert [state for _, state in states()] == ["delivered", "failed", "delivered"]
    assert "InputException: no refused" in OutboxEntry.objects.get(state="failed").error
    assert foreign_ids(collection) == {
        f"collections_app.Content:{links[0].pk}",
        f"collections_app.Content:{links[2].pk}",
    }


def test_breaking_entry_blocks_own_key_only(collection, picky_stream, states):
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


def test_row_deleted_during_call_is_removed(collection, stream):
    # Its removal may have been sent before, under another key.
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


def test_broken_entry_blocks_own_key_only(collection, states):
    bad = ContentFactory(collection=collection)
    OutboxEntry.objects.filter(subject__endswith=f":{bad.pk}").update(subject="no.Model:1")
    feed_manager.set_object(CollectionFactory())
    deliver_pending()
    entry = OutboxEntry.objects.get(subject="no.Model:1")
    assert (entry.state, entry.attempts) == ("pending", 1)
    assert "LookupError" in entry.error
    assert {state for subject, state in states() if subject != "no.Model:1"} == {"delivered"}


def removals(number):
    return [["follow:1", f"no.Row-{place}"] for place in range(number)]


@pytest.fixture
def entry():
    details = {"pairs": [["timeline:1", "user:2"]], "activities": removals(7)}
    return OutboxEntryFactory(operation="unfollow_many", details=details, attempts=9)


def test_failed_step_keeps_progress(entry, picky_stream):
    picky_stream("no.Row-3", status=500)
    deliver_pending()
    entry.refresh_from_db()
    assert entry.details == {"pairs": [], "activities": removals(7)[3:]}
    assert (entry.state, entry.attempts) == ("pending", 1)
    assert entry.due_at < timezone.now() + timedelta(seconds=2)


def test_repeated_failure_backs_off(entry, picky_stream):
    picky_stream("no.Row-0", status=500)
    entry.details["pairs"] = []
    entry.save()
    deliver_pending()
    entry.refresh_from_db()
    assert entry.attempts == 10
    assert entry.due_at > timezone.now() + timedelta(minutes=3)


def test_refused_part_is_parked_alone(entry, picky_stream):
    stream = picky_stream("no.Row-3")
    deliver_pending()
    parked = OutboxEntry.objects.get(state="failed")
    assert parked.details == {"pairs": [], "activities": [["follow:1", "no.Row-3"]]}
    assert "no.Row-3" in parked.error
    assert not OutboxEntry.objects.filter(state="pending").exists()
    assert all(any(name in call for call in stream.calls) for _, name in removals(7))


def test_refused_object_is_parked_alone(picky_stream):
    details = {"collection": "links", "ids": ["1001", "1002", "1003", "1004"]}
    OutboxEntryFactory(operation="delete_object", details=details)
    picky_stream("1003")
    deliver_pending()
    parked = OutboxEntry.objects.get(state="failed")
    assert parked.details == {"collection": "links", "ids": ["1003"]}
    assert not OutboxEntry.objects.filter(state="pending").exists()


def test_lost_claim_sends_no_more(entry, picky_stream):
    stream = picky_stream("what nobody says")
    assert perform([entry], holds=lambda: False) is False
    assert len(stream.calls) == 2


def test_ending_lease_is_renewed_within_entry(entry, picky_stream):
    claimed = claim()
    stream = picky_stream("what nobody says")
    server = stream.server

    class Slow:
        def send(self, request, **options):
            if request.method == "DELETE":
                claimed.held_until = time.monotonic() + 1
            return server.send(request, **options)

    stream.server = Slow()
    deliver(claimed)
    assert claimed.held_until > time.monotonic() + 50
    entry.refresh_from_db()
    assert entry.state == "delivered"

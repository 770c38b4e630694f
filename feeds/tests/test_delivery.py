import json
import time

import pytest
from django.utils import timezone
from stream.exceptions import StreamApiException
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from accounts.tests.factories import UserFactory
from collections_app.models import Collection
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.outbox.claims import claim
from feeds.outbox.delivery import (
    INLINE_ENTRIES,
    MAX_PAUSE,
    Budget,
    backoff,
    deliver_inline,
    deliver_pending,
    share_budget,
)
from feeds.outbox.delivery import deliver as deliver_claim
from feeds.tests.factories import OutboxEntryFactory
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db


def refusal(status, code=4):
    body = {
        "detail": "no",
        "status_code": status,
        "code": code,
        "exception": "X",
        "duration": "1ms",
    }
    return status, json.dumps(body).encode()


def test_saved_row_is_on_feed(deliver):
    collection = CollectionFactory()
    deliver()
    (activity,) = stream_client.feed("user", str(collection.author_id)).get()["results"]
    collection.refresh_from_db()
    assert activity["id"] == collection.stream_id
    assert activity["object"] == f"SO:collections:{collection.pk}"


def test_deleted_row_needs_no_call(deliver):
    entry = OutboxEntryFactory(operation="add", subject="collections_app.Collection:0")
    deliver()
    entry.refresh_from_db()
    assert entry.state == "delivered"


def test_unreachable_stream_leaves_entry_pending(broken_stream):
    entry = OutboxEntryFactory()
    deliver_pending()
    entry.refresh_from_db()
    assert (entry.state, entry.attempts, entry.claimed_until) == ("pending", 1, None)
    assert "out of reach" in entry.error
    assert entry.due_at > timezone.now()


def test_recovered_stream_gets_everything(broken_stream, deliver):
    collection = CollectionFactory()
    deliver()
    broken_stream()
    OutboxEntry.objects.update(due_at=timezone.now())
    deliver()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    assert len(stream_client.feed("user", str(collection.author_id)).get()["results"]) == 1


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_temporary_status_is_retried(faulty_stream, status):
    faulty_stream(*refusal(status))
    entry = OutboxEntryFactory()
    deliver_pending()
    entry.refresh_from_db()
    assert entry.state == "pending"


def test_missing_feed_group_blocks_own_keys_only(settings):
    groups = settings.FEEDSERVER_GROUPS
    settings.FEEDSERVER_GROUPS = {name: groups[name] for name in groups if name != "collection"}
    links = ContentFactory.create_batch(3, collection__author=UserFactory())
    deliver_pending()
    assert set(OutboxEntry.objects.values_list("state", flat=True)) == {"pending", "delivered"}
    held = OutboxEntry.objects.filter(state="pending")
    assert {key.split(":")[0] for key in held.values_list("key", flat=True)} == {"collection"}
    settings.FEEDSERVER_GROUPS = groups
    held.update(due_at=timezone.now())
    deliver_pending()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    assert all(feed_of(link) == [f"collections_app.Content:{link.pk}"] for link in links)


def feed_of(link):
    feed = stream_client.feed("collection", str(link.collection_id))
    return [row["foreign_id"] for row in feed.get()["results"]]


def test_wrong_key_parks_nothing(settings):
    settings.FEEDSERVER_API_SECRET = "another secret, as long as one has to be"
    OutboxEntryFactory.create_batch(3)
    deliver_pending()
    assert sorted(OutboxEntry.objects.values_list("state", "attempts")) == [
        ("pending", 0),
        ("pending", 0),
        ("pending", 1),
    ]


def test_retry_after_postpones_entry(faulty_stream):
    faulty_stream(503, b"", {"Retry-After": "300"})
    entry = OutboxEntryFactory()
    deliver_pending()
    entry.refresh_from_db()
    assert 290 < (entry.due_at - timezone.now()).total_seconds() <= 300
    assert "asked again in 300 s" in entry.error


def test_permanent_failure_frees_its_key(faulty_stream):
    mend = faulty_stream(*refusal(400))
    refused = OutboxEntryFactory(key="user:1")
    deliver_pending()
    waiting = OutboxEntryFactory(key="user:1")
    mend()
    deliver_pending()
    refused.refresh_from_db()
    waiting.refresh_from_db()
    assert (refused.state, waiting.state) == ("failed", "delivered")
    assert "no" in refused.error


def test_missing_item_needs_no_removal(faulty_stream):
    faulty_stream(*refusal(404, code=16))
    entry = OutboxEntryFactory(operation="delete_user", details={"id": "7"})
    deliver_pending()
    entry.refresh_from_db()
    assert entry.state == "delivered"


def test_backoff_doubles_to_fifteen_minutes():
    longest = [backoff(attempts).total_seconds() for attempts in range(30)]
    assert 0.5 <= longest[0] <= 1
    assert max(longest) <= MAX_PAUSE
    assert min(longest[10:]) >= MAX_PAUSE / 2


def hide(collection):
    Collection.objects.filter(pk=collection.pk).update(hidden_at=timezone.now())


@pytest.mark.slow
def test_long_feed_is_emptied(deliver):
    collection = CollectionFactory()
    ContentFactory.create_batch(105, collection=collection)
    deliver()
    hide(collection)
    feed_manager.empty_feed("collection", collection.pk, subject=collection)
    deliver()
    assert stream_client.feed("collection", str(collection.pk)).get()["results"] == []
    assert OutboxEntry.objects.latest("id").state == "delivered"


def test_inline_delivery_stops_at_limit(deliver):
    collection = CollectionFactory()
    ContentFactory.create_batch(30, collection=collection)
    deliver()
    OutboxEntryFactory.create_batch(25, key="user:900")
    assert deliver_inline({"user:900"}, Budget(deadline=time.monotonic() + 60)) == 20


def test_user_lifecycle_is_delivered(deliver):
    person = UserFactory(name="Ana")
    deliver()
    assert stream_client.users.get(str(person.pk))["data"]["name"] == "Ana"
    person.name = "Ana Lima"
    person.save()
    deliver()
    key = str(person.pk)
    assert stream_client.users.get(key)["data"]["name"] == "Ana Lima"
    person.delete()
    deliver()
    with pytest.raises(StreamApiException):
        stream_client.users.get(key)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_threads_deliver_each_entry_once():
    collection = CollectionFactory()
    ContentFactory.create_batch(20, collection=collection)
    OutboxEntry.objects.update(state="pending", delivered_at=None, attempts=0)
    run_at_once([deliver_pending] * 4)
    deliver_pending()
    assert set(OutboxEntry.objects.values_list("state", "attempts")) == {("delivered", 1)}
    times = OutboxEntry.objects.filter(key=f"collection:{collection.pk}").order_by("id")
    delivered = list(times.values_list("delivered_at", flat=True))
    assert delivered == sorted(delivered)


def test_commit_delivers_its_budget_only(commit):
    subject = CollectionFactory()
    OutboxEntry.objects.all().delete()
    with commit():
        share_budget().deadline = time.monotonic() + 60
        for number in range(60):
            feed_manager.empty_feed("collection", 5000 + number, subject=subject)
    assert OutboxEntry.objects.filter(state="delivered").count() == INLINE_ENTRIES


def test_next_commit_has_own_budget(commit):
    subject = CollectionFactory()
    OutboxEntry.objects.all().delete()
    for number in range(2):
        with commit():
            feed_manager.empty_feed("collection", 5000 + number, subject=subject)
    assert not OutboxEntry.objects.filter(state="pending").exists()


def test_inline_delivery_empties_one_step(deliver):
    collection = CollectionFactory()
    ContentFactory.create_batch(30, collection=collection)
    deliver()
    hide(collection)
    feed_manager.empty_feed("collection", collection.pk, subject=collection)
    deliver_inline({f"collection:{collection.pk}"}, Budget(deadline=time.monotonic() + 60))
    feed = stream_client.feed("collection", str(collection.pk))
    assert len(feed.get()["results"]) == 30 - INLINE_ENTRIES
    assert OutboxEntry.objects.latest("id").state == "pending"


def test_step_without_time_removes_one_row(deliver):
    collection = CollectionFactory()
    ContentFactory.create_batch(3, collection=collection)
    deliver()
    hide(collection)
    feed_manager.empty_feed("collection", collection.pk, subject=collection)
    feed = stream_client.feed("collection", str(collection.pk))
    for left in (2, 1, 0):
        assert deliver_claim(claim(), seconds=0).blocked_keys == {f"collection:{collection.pk}"}
        assert len(feed.get()["results"]) == left
    assert not deliver_claim(claim(), seconds=0).blocked_keys


def test_foreign_json_is_no_success(faulty_stream):
    person = UserFactory()
    OutboxEntry.objects.all().delete()
    feed_manager.set_user(person)
    faulty_stream(429, b'{"message": "slow down"}')
    deliver_pending()
    assert OutboxEntry.objects.get().state == "pending"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_threads_with_one_key_deliver_all():
    person = UserFactory()
    run_at_once([lambda: [feed_manager.set_user(person) for _ in range(5)]] * 4)
    deliver_pending()
    states = OutboxEntry.objects.values_list("state", "attempts")
    assert set(states) == {("delivered", 1)}


@pytest.mark.django_db(transaction=True)
def test_save_during_delivery_is_delivered(settings):
    # The first commit claims again, and so finds the entry that the second one added.
    person = UserFactory()
    OutboxEntry.objects.all().delete()

    class SavesMeanwhile(type(stream_client.session.get_adapter("https://"))):
        saved = False

        def send(self, request, **options):
            if not self.saved:
                self.saved = True
                run_at_once([lambda: feed_manager.set_user(person)])
            return super().send(request, **options)

    before = dict(stream_client.session.adapters)
    stream_client.session.mount("https://", SavesMeanwhile())
    try:
        feed_manager.set_user(person)
    finally:
        stream_client.session.adapters.update(before)
    assert list(OutboxEntry.objects.values_list("state", flat=True)) == ["delivered"] * 2

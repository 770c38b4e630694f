"""Entries that take many calls: what is done stays done, what is refused is parked by itself."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from feeds.models import OutboxEntry
from feeds.outbox.claims import claim
from feeds.outbox.delivery import deliver, deliver_pending
from feeds.outbox.operations import perform
from feeds.tests.factories import OutboxEntryFactory

pytestmark = pytest.mark.django_db


def strays(number):
    return [["follow:1", f"no.Row-{place}"] for place in range(number)]


@pytest.fixture
def entry():
    details = {"pairs": [["timeline:1", "user:2"]], "activities": strays(7)}
    return OutboxEntryFactory(operation="unfollow_many", details=details, attempts=9)


def test_what_is_left_is_kept_when_a_call_fails_and_tried_again_soon(entry, picky_stream):
    picky_stream("no.Row-3", status=500)
    deliver_pending()
    entry.refresh_from_db()
    assert entry.details == {"pairs": [], "activities": strays(7)[3:]}
    assert (entry.state, entry.attempts) == ("pending", 1)
    assert entry.due_at < timezone.now() + timedelta(seconds=2)


def test_failing_again_at_the_same_place_it_waits_for_longer(entry, picky_stream):
    picky_stream("no.Row-0", status=500)
    entry.details["pairs"] = []
    entry.save()
    deliver_pending()
    entry.refresh_from_db()
    assert entry.attempts == 10
    assert entry.due_at > timezone.now() + timedelta(minutes=3)


def test_what_is_refused_for_good_is_parked_by_itself(entry, picky_stream):
    stream = picky_stream("no.Row-3")
    deliver_pending()
    parked = OutboxEntry.objects.get(state="failed")
    assert parked.details == {"pairs": [], "activities": [["follow:1", "no.Row-3"]]}
    assert "no.Row-3" in parked.error
    assert not OutboxEntry.objects.filter(state="pending").exists()
    assert all(any(name in call for call in stream.calls) for _, name in strays(7))


def test_objects_that_are_refused_are_parked_by_themselves(picky_stream):
    details = {"collection": "links", "ids": ["1001", "1002", "1003", "1004"]}
    OutboxEntryFactory(operation="delete_object", details=details)
    picky_stream("1003")
    deliver_pending()
    parked = OutboxEntry.objects.get(state="failed")
    assert parked.details == {"collection": "links", "ids": ["1003"]}
    assert not OutboxEntry.objects.filter(state="pending").exists()


def test_who_lost_the_claim_sends_no_more(entry, picky_stream):
    stream = picky_stream("what nobody says")
    assert perform([entry], holds=lambda: False) is False
    assert len(stream.calls) == 2


def test_a_lease_that_is_about_to_end_within_an_entry_is_renewed(entry, picky_stream):
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

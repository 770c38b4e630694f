"""Claims that exclude each other, leases that end, and outcomes that only a claim records."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feeds.models import OutboxEntry
from feeds.outbox.claims import BATCH, claim, pending
from feeds.tests.factories import OutboxEntryFactory
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db


def ago(**past):
    return timezone.now() - timedelta(**past)


def ahead(**future):
    return timezone.now() + timedelta(**future)


def make(count, **fields):
    rows = OutboxEntryFactory.build_batch(count, **fields)
    return OutboxEntry.objects.bulk_create(rows, batch_size=1000)


def end_leases():
    OutboxEntry.objects.exclude(claimed_until=None).update(claimed_until=ago(seconds=1))


def test_claim_keeps_order_of_key():
    first, second = make(2, key="user:1")
    assert claim().entries == [first, second]


def test_claim_lasts_until_lease_ends():
    (entry,) = make(1)
    claim()
    assert claim() is None
    end_leases()
    assert claim().entries == [entry]


def test_claimed_key_is_not_claimed_again():
    make(3, key="user:1")
    held = claim(1)
    assert claim() is None
    held.__exit__()
    assert len(claim().entries) == 3


def test_late_commit_waits_for_claimed_key():
    # Transactions commit in another order than they took the ids of their entries.
    late, *_ = make(3, key="user:1")
    claim()
    OutboxEntry.objects.filter(pk=late.pk).update(claim=None, claimed_until=None)
    assert claim() is None


def test_postponed_entry_blocks_its_key():
    make(1, key="user:1", due_at=ahead(hours=1))
    make(1, key="user:1", due_at=ago(days=2))
    (other,) = make(1, key="user:2")
    assert claim().entries == [other]
    assert claim() is None


def test_postponed_entry_blocks_later_ones():
    (first,) = make(1, key="user:1")
    make(1, key="user:1", due_at=ahead(hours=1))
    make(1, key="user:1")
    assert claim().entries == [first]


def test_claim_releases_rest():
    first, second, third = make(3, key="user:1")
    with claim() as held:
        held.mark_delivered([first])
        held.mark_failed(second, ValueError("no"), due_at=ago(seconds=1))
    states = OutboxEntry.objects.order_by("id").values_list("state", "attempts", "claimed_until")
    assert list(states) == [("delivered", 1, None), ("pending", 1, None), ("pending", 0, None)]
    assert claim().entries == [second, third]


def test_error_within_claim_releases_rest():
    make(2)

    def fail_in_the_middle():
        with claim() as held:
            held.mark_delivered(held.entries[:1])
            raise KeyError

    with pytest.raises(KeyError):
        fail_in_the_middle()
    assert Counter(OutboxEntry.objects.values_list("state", "claim")) == {
        ("delivered", None): 1,
        ("pending", None): 1,
    }


def test_lost_claim_records_nothing():
    (entry,) = make(1)
    slow = claim()
    end_leases()
    with claim() as fast:
        fast.mark_delivered([entry])
    assert slow.holds()  # for all it knows
    slow.mark_failed(entry, ValueError("too late"))
    assert not slow.holds()
    entry.refresh_from_db()
    assert (entry.state, entry.attempts, entry.error) == ("delivered", 1, "")


def test_lost_entry_ends_whole_claim():
    make(1, key="user:1")
    make(1, key="user:2")
    slow = claim()
    end_leases()
    claim(1, keys={"user:1"})
    slow.held_until = time.monotonic()
    with slow:
        assert not slow.holds()
    assert len(claim(keys={"user:2"}).entries) == 1


def test_ending_lease_is_renewed():
    make(2)
    held = claim()
    OutboxEntry.objects.update(claimed_until=ahead(seconds=1))
    held.held_until = time.monotonic() + 1
    assert held.holds()
    assert held.held_until > time.monotonic() + 50
    assert not OutboxEntry.objects.filter(claimed_until__lt=ahead(seconds=50)).exists()


def test_long_lease_is_not_renewed(django_assert_num_queries):
    make(1)
    held = claim()
    with django_assert_num_queries(0):
        assert held.holds()


def test_claims_wrap_around_long_keys():
    make(3 * BATCH, key="user:1")
    make(1, key="user:2")
    first = claim()
    assert {entry.key for entry in first.entries} == {"user:1"}
    first.__exit__()
    assert {entry.key for entry in claim(after="user:1").entries} == {"user:1", "user:2"}


def test_claim_respects_limit():
    make(5, key="user:1")
    make(5, key="user:2")
    assert len(claim(3).entries) == 3
    assert len(claim(2, keys={"user:2"}).entries) == 2


def test_other_destinations_are_not_claimed():
    make(2, destination="another")
    assert claim() is None


@pytest.mark.parametrize("rows", [10, pytest.param(3000, marks=pytest.mark.slow)])
def test_claim_queries_do_not_grow(rows):
    make(1, key="user:1", due_at=ahead(hours=1))
    make(rows, key="user:1")
    make(rows, state="delivered", delivered_at=ago(days=1))
    (last,) = make(1, key="user:2")
    with CaptureQueriesContext(connection) as queries:
        assert claim().entries == [last]
    assert len(queries) <= 8


def test_claim_uses_undelivered_index():
    if connection.vendor == "sqlite":  # PostgreSQL reads a table this small as a whole
        assert "outbox_undelivered" in pending().filter(key__gt="user:1")[:BATCH].explain()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_threads_never_share_entry():
    for number in range(40):
        make(5, key=f"user:{number}")

    def take():
        taken, after = [], ""
        while held := claim(7, after=after):
            after = held.entries[-1].key
            taken += [(entry.key, entry.pk) for entry in held.entries]
            held.mark_delivered(held.entries)
            held.__exit__()
        return taken

    taken = run_at_once([take] * 4)
    everything = [pk for some in taken for _, pk in some]
    left = OutboxEntry.objects.filter(state="pending").count()
    assert len(everything) == len(set(everything)) == 200 - left
    assert set(OutboxEntry.objects.values_list("attempts", flat=True)) <= {0, 1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_claim_wins_a_key():
    for _ in range(10):
        make(3, key="user:1")
        claims = [held for held in run_at_once([claim] * 4) if held]
        assert len(claims) == 1
        claims[0].mark_delivered(claims[0].entries)
        claims[0].__exit__()

"""Who has what: claims that never meet, leases that end, and marks of those who still hold them."""

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


def test_a_claim_holds_the_entries_of_a_key_in_the_order_written():
    first, second = make(2, key="user:1")
    assert claim().entries == [first, second]


def test_what_is_claimed_is_nobody_elses_until_its_lease_ends():
    (entry,) = make(1)
    claim()
    assert claim() is None
    end_leases()
    assert claim().entries == [entry]


def test_nothing_of_a_key_is_claimed_while_somebody_has_the_first_of_it():
    make(3, key="user:1")
    held = claim(1)
    assert claim() is None
    held.__exit__()
    assert len(claim().entries) == 3


def test_what_was_committed_late_waits_while_somebody_has_what_came_after_it():
    """Transactions end in another order than they took the keys of their entries."""
    late, *_ = make(3, key="user:1")
    claim()
    OutboxEntry.objects.filter(pk=late.pk).update(claim=None, claimed_until=None)
    assert claim() is None


def test_nothing_overtakes_an_entry_that_is_postponed():
    make(1, key="user:1", due_at=ahead(hours=1))
    make(1, key="user:1", due_at=ago(days=2))
    (other,) = make(1, key="user:2")
    assert claim().entries == [other]
    assert claim() is None


def test_what_is_postponed_in_the_middle_holds_what_comes_after_it():
    (first,) = make(1, key="user:1")
    make(1, key="user:1", due_at=ahead(hours=1))
    make(1, key="user:1")
    assert claim().entries == [first]


def test_what_was_not_marked_is_given_back():
    first, second, third = make(3, key="user:1")
    with claim() as held:
        held.mark_delivered([first])
        held.mark_failed(second, ValueError("no"), due_at=ago(seconds=1))
    states = OutboxEntry.objects.order_by("id").values_list("state", "attempts", "claimed_until")
    assert list(states) == [("delivered", 1, None), ("pending", 1, None), ("pending", 0, None)]
    assert claim().entries == [second, third]


def test_an_error_within_a_claim_gives_back_what_was_not_told():
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


def test_whoever_lost_a_claim_marks_nothing_and_is_told_so():
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


def test_who_lost_one_entry_leaves_all_the_rest_to_others():
    make(1, key="user:1")
    make(1, key="user:2")
    slow = claim()
    end_leases()
    claim(1, keys={"user:1"})
    slow.held_until = time.monotonic()
    with slow:
        assert not slow.holds()
    assert len(claim(keys={"user:2"}).entries) == 1


def test_a_lease_that_is_about_to_end_is_renewed():
    make(2)
    held = claim()
    OutboxEntry.objects.update(claimed_until=ahead(seconds=1))
    held.held_until = time.monotonic() + 1
    assert held.holds()
    assert held.held_until > time.monotonic() + 50
    assert not OutboxEntry.objects.filter(claimed_until__lt=ahead(seconds=50)).exists()


def test_a_long_lease_is_not_renewed(django_assert_num_queries):
    make(1)
    held = claim()
    with django_assert_num_queries(0):
        assert held.holds()


def test_claims_go_round_so_that_no_key_waits_for_a_long_one():
    make(3 * BATCH, key="user:1")
    make(1, key="user:2")
    first = claim()
    assert {entry.key for entry in first.entries} == {"user:1"}
    first.__exit__()
    assert {entry.key for entry in claim(after="user:1").entries} == {"user:1", "user:2"}


def test_a_claim_is_no_larger_than_asked_for():
    make(5, key="user:1")
    make(5, key="user:2")
    assert len(claim(3).entries) == 3
    assert len(claim(2, keys={"user:2"}).entries) == 2


def test_what_is_for_another_destination_is_left_alone():
    make(2, destination="another")
    assert claim() is None


@pytest.mark.parametrize("rows", [10, 3000])
def test_neither_postponed_nor_delivered_entries_make_a_claim_longer(rows):
    """However many wait behind one that is postponed, they are passed over in one step."""
    make(1, key="user:1", due_at=ahead(hours=1))
    make(rows, key="user:1")
    make(rows, state="delivered", delivered_at=ago(days=1))
    (last,) = make(1, key="user:2")
    with CaptureQueriesContext(connection) as queries:
        assert claim().entries == [last]
    assert len(queries) <= 8


def test_keys_are_found_by_the_index_of_what_is_not_delivered():
    if connection.vendor == "sqlite":  # PostgreSQL reads a table this small as a whole
        assert "outbox_undelivered" in pending().filter(key__gt="user:1")[:BATCH].explain()


@pytest.mark.django_db(transaction=True)
def test_no_two_of_many_threads_ever_have_one_entry():
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


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_one_key_one_gets_it():
    for _ in range(10):
        make(3, key="user:1")
        claims = [held for held in run_at_once([claim] * 4) if held]
        assert len(claims) == 1
        claims[0].mark_delivered(claims[0].entries)
        claims[0].__exit__()

"""The backlog of the outbox, entries for other destinations, and pruning."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from feeds.models import OutboxEntry, Pause
from feeds.outbox import entries
from feeds.tests.factories import OutboxEntryFactory
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db


def ago(**past):
    return timezone.now() - timedelta(**past)


def delivered(count, **past):
    rows = OutboxEntryFactory.build_batch(count, state="delivered", delivered_at=ago(**past))
    return OutboxEntry.objects.bulk_create(rows, batch_size=1000)


def test_empty_outbox_has_no_backlog():
    delivered(2, days=1)
    assert entries.backlog() == {"pending": 0, "failed": 0, "oldest_age": None, "paused": False}


def test_backlog_counts_entries():
    OutboxEntryFactory(created_at=ago(minutes=5))
    OutboxEntryFactory()
    OutboxEntryFactory(state="failed", created_at=ago(days=5))
    OutboxEntryFactory(destination="another", created_at=ago(days=5))
    backlog = entries.backlog()
    assert (backlog["pending"], backlog["failed"]) == (2, 1)
    assert backlog["oldest_age"] == pytest.approx(300, abs=30)


def test_backlog_takes_few_queries(django_assert_max_num_queries):
    OutboxEntryFactory.create_batch(20)
    with django_assert_max_num_queries(4):
        entries.backlog()


def test_backlog_shows_current_pause():
    Pause.objects.record(5)
    assert not entries.backlog()["paused"]
    OutboxEntryFactory()
    assert entries.backlog()["paused"]
    Pause.objects.here().delete()
    assert not entries.backlog()["paused"]
    Pause.objects.record(-600)  # of a worker that said nothing since
    assert not entries.backlog()["paused"]


def test_elsewhere_finds_other_destinations():
    OutboxEntryFactory(destination="another")
    OutboxEntryFactory(destination="zebra")
    OutboxEntryFactory(destination="zebra", state="failed")
    OutboxEntryFactory()
    assert OutboxEntry.objects.elsewhere().pending().count() == 2


def test_old_delivered_entries_are_pruned(settings):
    settings.FEEDS_OUTBOX_KEEP_DAYS = 3
    delivered(entries.PRUNE_BATCH + 5, days=4)
    kept = delivered(2, days=2)
    kept += [OutboxEntryFactory(created_at=ago(days=9)), OutboxEntryFactory(state="failed")]
    assert entries.prune() == entries.PRUNE_BATCH + 5
    assert set(OutboxEntry.objects.all()) == set(kept)


def test_prune_uses_delivered_index():
    if connection.vendor == "sqlite":  # PostgreSQL reads a table this small as a whole
        old = OutboxEntry.objects.filter(delivered_at__lt=ago(days=7)).order_by("delivered_at")
        assert "outbox_delivered" in old[:10].explain()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_prune_deletes_once():
    delivered(3000, days=30)
    assert sum(run_at_once([entries.prune] * 3)) == 3000
    assert not OutboxEntry.objects.exists()

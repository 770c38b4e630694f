"""Entries of the outbox: writing, counting and pruning them."""

from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.utils import timezone
from stream_django.client import stream_client

from feeds import conf
from feeds.feed_mapping import subject_of
from feeds.models import OutboxEntry, Pause
from feeds.outbox.delivery import deliver_inline, share_budget

PRUNE_BATCH = 1000
MAX_PRUNED = 20_000


def enqueue(messages, *, at_once=True):
    """Insert and return an entry per Message; deliver them after the commit if that is inline.

    With `at_once=False` they are left to the worker, as is best for very many.
    """
    entries = [
        OutboxEntry(
            operation=message.operation,
            subject=subject_of(message.instance),
            key=message.key,
            details=message.details,
            destination=stream_client.api_key,
        )
        for message in messages
    ]
    entries = OutboxEntry.objects.bulk_create(entries, batch_size=500)
    if entries and at_once and conf.delivers_inline():
        keys = {entry.key for entry in entries}
        transaction.on_commit(partial(deliver_inline, keys, share_budget()), robust=True)
    return entries


def backlog():
    """Return the undelivered entries: `pending`, `failed`, `oldest_age` in seconds, `paused`.

    `oldest_age` is that of the oldest pending entry, None if there is none. Entries for other
    destinations do not count.
    """
    entries = OutboxEntry.objects.here().pending()
    pending = entries.count()
    oldest = entries.order_by("id").values_list("created_at", flat=True).first()
    failed = OutboxEntry.objects.here().undelivered().filter(state=OutboxEntry.State.FAILED)
    return {
        "pending": pending,
        "failed": failed.count(),
        "oldest_age": (timezone.now() - oldest).total_seconds() if oldest else None,
        "paused": bool(pending) and Pause.objects.current().exists(),
    }


def drop_elsewhere(before):
    """Delete undelivered entries for other destinations, written before a moment; return how many.

    For use when everything has been published to this process's own destination since.
    """
    entries = OutboxEntry.objects.elsewhere().undelivered().filter(created_at__lt=before)
    dropped = 0
    while keys := list(entries.values_list("pk", flat=True)[:PRUNE_BATCH]):
        dropped += OutboxEntry.objects.filter(pk__in=keys).delete()[0]
    return dropped


def prune():
    """Delete entries delivered FEEDS_OUTBOX_KEEP_DAYS ago; return how many.

    In small transactions, and up to a limit: the next call goes on.
    """
    pruned = 0
    while pruned < MAX_PRUNED and (count := _prune_batch()):
        pruned += count
    return pruned


@transaction.atomic
def _prune_batch():
    before = timezone.now() - timedelta(days=conf.get("FEEDS_OUTBOX_KEEP_DAYS"))
    old = OutboxEntry.objects.filter(delivered_at__lt=before).order_by("delivered_at")
    if connection.features.has_select_for_update_skip_locked:
        old = old.select_for_update(skip_locked=True)
    keys = list(old.values_list("pk", flat=True)[:PRUNE_BATCH])
    return OutboxEntry.objects.filter(pk__in=keys).delete()[0]

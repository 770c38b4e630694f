"""Entries of the outbox: writing, counting and pruning them."""

from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from feeds import conf
from feeds.declared import subject_of
from feeds.models import OutboxEntry
from feeds.outbox.claims import current_destination
from feeds.outbox.delivery import deliver_inline, share_budget
from feeds.outbox.pauses import is_paused

PRUNE_BATCH = 1000
MAX_PRUNED = 20_000


def enqueue(messages, *, at_once=True):
    """Insert and return an entry per Message; deliver them after the commit if that is inline.

    With `at_once=False` they are left to the worker, as is best for very many.
    """
    destination = current_destination()
    entries = OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(
                operation=message.operation,
                subject=subject_of(message.instance),
                key=message.key,
                details=message.details,
                destination=destination,
            )
            for message in messages
        ],
        batch_size=500,
    )
    if entries and at_once and conf.delivers_inline():
        keys = {entry.key for entry in entries}
        transaction.on_commit(partial(deliver_inline, keys, share_budget()), robust=True)
    return entries


def backlog():
    """Return the undelivered entries: `pending`, `failed`, `oldest_age` in seconds, `paused`.

    `oldest_age` is that of the oldest pending entry, None if there is none. All of it is about this
    process's own destination; `for_other_destinations` has the rest.
    """
    states = OutboxEntry.State
    undelivered = OutboxEntry.objects.filter(destination=current_destination(), delivered_at=None)
    entries = undelivered.filter(state=states.PENDING)
    pending = entries.count()
    oldest = entries.order_by("id").values_list("created_at", flat=True).first()
    return {
        "pending": pending,
        "failed": undelivered.filter(state=states.FAILED).count(),
        "oldest_age": (timezone.now() - oldest).total_seconds() if oldest else None,
        "paused": bool(pending) and is_paused(),
    }


def for_other_destinations():
    """Return the pending entries that only a process with another API key delivers."""
    return _other_destinations().filter(state=OutboxEntry.State.PENDING)


def _other_destinations():
    own = current_destination()
    # Two ranges can use an index, "not equal" cannot.
    others = Q(destination__lt=own) | Q(destination__gt=own)
    return OutboxEntry.objects.filter(others, delivered_at=None)


def drop_for_other_destinations(before):
    """Delete undelivered entries for other destinations, written before a moment; return how many.

    For use when everything has been published to this process's own destination since.
    """
    dropped, entries = 0, _other_destinations().filter(created_at__lt=before)
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

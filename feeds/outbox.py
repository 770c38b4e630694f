"""The outbox: writing entries, and what is told of it to whoever watches over the site."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from feeds import conf
from feeds.claims import current_destination
from feeds.delivery import deliver_inline, share_budget
from feeds.models import OutboxEntry
from feeds.pauses import is_paused

PRUNED_AT_ONCE = 1000
MOST_PRUNED = 20_000


@dataclass(frozen=True)
class Message:
    """What Stream must be told about `instance`; `key` is the feed that is written to."""

    operation: str
    instance: Any
    key: str
    details: dict = field(default_factory=dict)


def enqueue(messages, *, at_once=True):
    """Insert an entry per message, and deliver them after the commit where that is done inline.

    With `at_once=False` they are left to the worker, as is best for very many.
    """
    destination = current_destination()
    written = OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(
                operation=message.operation,
                subject=f"{message.instance._meta.label}:{message.instance.pk}",
                key=message.key,
                details=message.details,
                destination=destination,
            )
            for message in messages
        ],
        batch_size=500,
    )
    getattr(connection, "feeds_noted", set()).update(entry.pk for entry in written)
    if messages and at_once and conf.delivers_inline():
        keys = {message.key for message in messages}
        transaction.on_commit(partial(deliver_inline, keys, share_budget()), robust=True)


@contextmanager
def noted():
    """Yield a set that takes the keys of all entries which this thread writes meanwhile."""
    connection.feeds_noted = keys = set()
    try:
        yield keys
    finally:
        del connection.feeds_noted


def backlog():
    """Return what is left to deliver: `pending`, `failed`, `oldest_age` in seconds, `paused`.

    `oldest_age` is that of the oldest pending entry, None if there is none. All of it is about this
    process's own destination; `for_elsewhere` has the rest.
    """
    states = OutboxEntry.State
    undelivered = OutboxEntry.objects.filter(destination=current_destination(), delivered_at=None)
    waiting = undelivered.filter(state=states.PENDING)
    pending = waiting.count()
    oldest = waiting.order_by("id").values_list("created_at", flat=True).first()
    return {
        "pending": pending,
        "failed": undelivered.filter(state=states.FAILED).count(),
        "oldest_age": (timezone.now() - oldest).total_seconds() if oldest else None,
        "paused": bool(pending) and is_paused(),
    }


def for_elsewhere():
    """Pending entries that were written for another destination: they wait for a process of it."""
    return _elsewhere().filter(state=OutboxEntry.State.PENDING)


def _elsewhere():
    mine = current_destination()
    # Two ranges, which an index answers; it has none for "not equal".
    others = Q(destination__lt=mine) | Q(destination__gt=mine)
    return OutboxEntry.objects.filter(others, delivered_at=None)


def drop_elsewhere(before):
    """Delete what was written before a moment for other destinations and never delivered there.

    Return how many. Of use where everything was published to this process's own destination since.
    """
    dropped = 0
    left = _elsewhere().filter(created_at__lt=before)
    while keys := list(left.values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        dropped += OutboxEntry.objects.filter(pk__in=keys).delete()[0]
    return dropped


def prune():
    """Delete entries delivered FEEDS_OUTBOX_KEEP_DAYS ago; return how many.

    In small transactions, and not without end: the next call goes on.
    """
    pruned = 0
    while pruned < MOST_PRUNED and (some := _prune_some()):
        pruned += some
    return pruned


@transaction.atomic
def _prune_some():
    before = timezone.now() - timedelta(days=conf.get("FEEDS_OUTBOX_KEEP_DAYS"))
    old = OutboxEntry.objects.filter(delivered_at__lt=before).order_by("delivered_at")
    if connection.features.has_select_for_update_skip_locked:
        old = old.select_for_update(skip_locked=True)
    keys = list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    return OutboxEntry.objects.filter(pk__in=keys).delete()[0]

"""Writing entries into the outbox, and claiming them for delivery."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from stream_django.client import stream_client

from feeds import conf
from feeds.models import OutboxEntry

LEASE = timedelta(seconds=60)


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
    OutboxEntry.objects.bulk_create(
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
    if messages and at_once and conf.delivers_inline():
        from feeds.delivery import deliver_inline, share_budget

        keys = {message.key for message in messages}
        transaction.on_commit(partial(deliver_inline, keys, share_budget()), robust=True)


def current_destination():
    """Return where entries written now are to go: the API key names the Stream app."""
    return stream_client.api_key


def claimable(now):
    """Entries that may be sent now: due, unclaimed, and first of their key."""
    earlier = OutboxEntry.objects.filter(
        key=OuterRef("key"), id__lt=OuterRef("id"), state=OutboxEntry.State.PENDING
    )
    return OutboxEntry.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lt=now),
        ~Exists(earlier),
        state=OutboxEntry.State.PENDING,
        due_at__lte=now,
    )


def claim(keys=None):
    """Take the oldest entry that may be sent (of `keys`, if given) for a minute, or return None.

    The claim is one conditional UPDATE, so of two that want the same entry one gets it, and
    `claimed_until` names the claim: whoever lost it marks nothing.
    """
    while True:
        now = timezone.now()
        candidates = claimable(now)
        if keys is not None:
            candidates = candidates.filter(key__in=keys)
        entry = candidates.order_by("due_at", "id").first()
        if entry is None:
            return None
        if claimable(now).filter(pk=entry.pk).update(claimed_until=now + LEASE):
            entry.claimed_until = now + LEASE
            return entry


def mark_delivered(entry):
    _mark(
        entry,
        state=OutboxEntry.State.DELIVERED,
        delivered_at=timezone.now(),
        attempts=entry.attempts + 1,
        error="",
    )


def mark_failed(entry, error):
    """Park `entry` for staff to see: it no longer holds its key."""
    _mark_tried(entry, error, state=OutboxEntry.State.FAILED)


def mark_postponed(entry, error, due_at):
    _mark_tried(entry, error, due_at=due_at)


def mark_unfinished(entry):
    """Give `entry` back to whoever comes next: a step of it is done, `details` say what is left."""
    _mark(entry, details=entry.details)


def _mark_tried(entry, error, **changes):
    text = f"{type(error).__name__}: {error}"[:1000]
    _mark(entry, attempts=entry.attempts + 1, error=text, **changes)


def _mark(entry, **changes):
    """Change `entry` and give up its claim, unless the lease ended and somebody else has it."""
    mine = OutboxEntry.objects.filter(pk=entry.pk, claimed_until=entry.claimed_until)
    mine.update(claimed_until=None, **changes)

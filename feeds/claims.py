"""Claiming entries for delivery and marking what became of them, many at once.

A claim is a lease: whoever dies with one loses it when it ends, and whoever lost it marks nothing.
Of one key, a claim holds its first entries, in the order written, and nobody else holds any.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby, takewhile

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from stream_django.client import stream_client

from feeds.models import OutboxEntry

LEASE = timedelta(seconds=60)
# Less than this is not enough for a call to Stream, however slow, so the lease is renewed first.
ENOUGH = 35
BATCH = 100
# Rows read at a time where the first ones may not be sent.
MOST_READ = 1000
# Marks wait for each other, but not longer than this (seconds).
MARKS_WAIT = 1


def current_destination():
    """Return where entries written now are to go: the API key names the Stream app."""
    return stream_client.api_key


def pending():
    """Entries that this process is to deliver, by key, each key's in the order written."""
    waiting = OutboxEntry.objects.filter(
        destination=current_destination(),
        state=OutboxEntry.State.PENDING,
        delivered_at=None,  # lets SQLite use the index of what is not delivered
    )
    return waiting.order_by("key", "id")


def claim(limit=BATCH, *, keys=None, after=""):
    """Take up to `limit` entries that may be sent now, or return None.

    Of the given `keys`; or of any, beginning with those behind the key `after` and going round, so
    that no key waits for a longer one. What waits behind an entry that is postponed or claimed is
    passed over in one step.
    """
    now, wanted = timezone.now(), []
    for run in _runs(_of_keys(keys, limit) if keys is not None else _around(after)):
        wanted += _free(run, now)
        if len(wanted) >= limit:
            if taken := _take(wanted[:limit]):
                return taken
            wanted = []  # somebody else was faster with all of them
    return _take(wanted) if wanted else None


def _runs(parts):
    for part in parts:
        for _, run in groupby(part, key=lambda row: row.key):
            yield list(run)


def _of_keys(keys, limit):
    for key in sorted(keys):
        yield list(_rows(pending().filter(key=key))[:limit])


def _around(after):
    """Yield parts of what is pending; of a key that fills a part, only its first entries."""
    halves = [(after, {}), ("", {"key__lte": after})] if after else [("", {})]
    for last, upper in halves:
        part = True
        while part:
            # One lower bound at a time: SQLite looks for the first of several alone.
            rest = _rows(pending().filter(key__gt=last, **upper))
            size = BATCH if last == after else MOST_READ
            if part := list(rest[:size]):
                yield part
                last = part[-1].key


def _rows(entries):
    return entries.values_list("id", "key", "due_at", "claimed_until", named=True)


def _free(run, now):
    """Return the first entries of a key that may be sent: none while somebody has any of them."""
    if any(row.claimed_until and row.claimed_until >= now for row in run):
        return []
    return list(takewhile(lambda row: row.due_at <= now, run))


def _take(rows):
    """Claim those of `rows` that are still free, in one conditional UPDATE, or return None."""
    now, token = timezone.now(), uuid.uuid4()
    held_until = time.monotonic() + LEASE.total_seconds()
    free = OutboxEntry.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lt=now),
        pk__in=[row.id for row in rows],
        state=OutboxEntry.State.PENDING,
        due_at__lte=now,
    )
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            locked = free.select_for_update(skip_locked=True).values("pk")
            free = OutboxEntry.objects.filter(pk__in=locked)
        if not free.update(claim=token, claimed_until=now + LEASE):
            return None
        mine = OutboxEntry.objects.filter(pk__in=[row.id for row in rows], claim=token)
        taken = Claim(token, list(mine.order_by("key", "id")), held_until)
        taken.keep_first_of(rows)
    return taken if taken.entries else None


@dataclass
class Claim:
    """Entries that nobody else sends: all that is not marked is given back when the block ends."""

    token: uuid.UUID
    entries: list
    held_until: float
    _told: list = field(default_factory=list)
    _told_at: float = 0
    _marked: set = field(default_factory=set)
    _lost: bool = False

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.mark_told()
        self._give_back([entry for entry in self.entries if entry.pk not in self._marked])

    def keep_first_of(self, rows):
        """Give back what would be sent before its turn, as somebody has what comes before it."""
        mine, early = {entry.pk for entry in self.entries}, set()
        for _, run in groupby(rows, key=lambda row: row.key):
            first = len(list(takewhile(lambda row: row.id in mine, run_of := list(run))))
            early |= {row.id for row in run_of[first:]} & mine
        self._give_back([entry for entry in self.entries if entry.pk in early])
        self.entries = [entry for entry in self.entries if entry.pk not in early]

    def holds(self):
        """Whether what is left may be sent now; renews a lease that is about to end.

        If anything of it was lost, all that is left is left to others.
        """
        if self.held_until - time.monotonic() < ENOUGH:
            self.mark_told()
            self._renew()
        return not self._lost

    def delivered(self, entries):
        """Mark `entries` as delivered, together with what is delivered within a second."""
        if not self._told:
            self._told_at = time.monotonic()
        self._told += entries
        if time.monotonic() - self._told_at > MARKS_WAIT:
            self.mark_told()

    def mark_told(self):
        told, self._told = self._told, []
        if told:
            self._mark(
                told,
                state=OutboxEntry.State.DELIVERED,
                delivered_at=timezone.now(),
                attempts=F("attempts") + 1,
                error="",
            )

    def failed(self, entry, error):
        """Park `entry`, or what is left of it, for staff to see: it no longer holds its key."""
        self._mark_tried(entry, error, state=OutboxEntry.State.FAILED)

    def postponed(self, entry, error, due_at):
        self._mark_tried(entry, error, due_at=due_at)

    def unfinished(self, entry):
        """Give `entry` back: a step of it is done, its `details` say what is left."""
        self._mark([entry], details=entry.details)

    def parted(self, entry, half, rest):
        """Give `entry` back with `half` of its details; the `rest` becomes an entry of its own."""
        with transaction.atomic():
            if self._mark([entry], details=half):
                OutboxEntry.objects.create(
                    operation=entry.operation,
                    subject=entry.subject,
                    key=entry.key,
                    details=rest,
                    created_at=entry.created_at,
                    destination=entry.destination,
                )

    def _renew(self):
        held_until = time.monotonic() + LEASE.total_seconds()
        left = [entry.pk for entry in self.entries if entry.pk not in self._marked]
        renewed = self._mine(left).update(claimed_until=timezone.now() + LEASE)
        self.held_until, self._lost = held_until, self._lost or renewed < len(left)

    def _mark_tried(self, entry, error, **changes):
        left = {"details": entry.details, "attempts": entry.attempts + 1}
        self._mark([entry], error=str(error)[:1000], **left, **changes)

    def _give_back(self, entries):
        if entries:
            self._mark(entries)

    def _mark(self, entries, **changes):
        """Change `entries` and give them up, but not what somebody else has: the lease ended.

        Returns how many were still this claim's.
        """
        keys = [entry.pk for entry in entries]
        marked = self._mine(keys).update(claim=None, claimed_until=None, **changes)
        self._lost = self._lost or marked < len(keys)
        self._marked.update(keys)
        return marked

    def _mine(self, keys):
        return OutboxEntry.objects.filter(pk__in=keys, claim=self.token)

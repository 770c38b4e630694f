"""Claims on entries for delivery, and their outcomes, recorded for many entries at once.

A claim is a lease: it ends by itself if its process dies, and without it no outcome is recorded.
A claim holds the first entries of a key, in the order written, and no other claim holds any of it.
"""

import time
import uuid
from datetime import timedelta
from itertools import groupby, takewhile

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from feeds.models import OutboxEntry

LEASE = timedelta(seconds=60)
# A lease is renewed before a call if less is left: a slow call to Stream takes this long.
MIN_LEASE_SECONDS = 35
BATCH = 100
# Rows read at a time where the first ones may not be sent.
MAX_ROWS_READ = 1000
# Delivered entries are recorded together, after at most this time.
FLUSH_SECONDS = 1


def pending():
    """Return the entries that this process is to deliver, by key, each key's in order written."""
    return OutboxEntry.objects.here().pending().order_by("key", "id")


def claim(limit=BATCH, *, keys=None, after=""):
    """Claim up to `limit` entries that may be sent now; return the Claim, or None.

    Of the given `keys`; or of any, beginning after the key `after` and wrapping around, so that a
    long key delays no other. Entries behind one that is postponed or claimed are skipped.
    """
    now, due = timezone.now(), []
    for run in _runs(_read_keys(keys, limit) if keys is not None else _read_all(after)):
        due += _sendable(run, now)
        if len(due) >= limit:
            if claimed := _claim_rows(due[:limit]):
                return claimed
            due = []  # other processes claimed all of them first
    return _claim_rows(due) if due else None


def _runs(parts):
    for part in parts:
        for _, run in groupby(part, key=lambda row: row.key):
            yield list(run)


def _read_keys(keys, limit):
    for key in sorted(keys):
        yield list(_rows(pending().filter(key=key))[:limit])


def _read_all(after):
    """Yield parts of all pending rows; of a key that fills a part, only its first rows."""
    halves = [(after, {}), ("", {"key__lte": after})] if after else [("", {})]
    for last, upper in halves:
        part = True
        while part:
            # One lower bound at a time: SQLite seeks the index by the first one only.
            rest = _rows(pending().filter(key__gt=last, **upper))
            size = BATCH if last == after else MAX_ROWS_READ
            if part := list(rest[:size]):
                yield part
                last = part[-1].key


def _rows(entries):
    return entries.values_list("id", "key", "due_at", "claimed_until", named=True)


def _sendable(run, now):
    """Return the first rows of a key that may be sent: none while another claim holds any."""
    if any(row.claimed_until and row.claimed_until >= now for row in run):
        return []
    return list(takewhile(lambda row: row.due_at <= now, run))


def _claim_rows(rows):
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
        claimed_rows = OutboxEntry.objects.filter(pk__in=[row.id for row in rows], claim=token)
        claimed = Claim(token, list(claimed_rows.order_by("key", "id")), held_until)
        claimed.keep_first_of(rows)
    return claimed if claimed.entries else None


class Claim:
    """Entries that no other process sends; entries without an outcome are released at the end."""

    def __init__(self, token, entries, held_until):
        self.token, self.entries, self.held_until = token, entries, held_until
        self._done, self._lost = set(), False
        self._delivered, self._delivered_at = [], 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.flush()
        self._record(self.left)

    @property
    def left(self):
        """Return the entries that have no outcome yet."""
        return [entry for entry in self.entries if entry.pk not in self._done]

    def keep_first_of(self, rows):
        """Release entries that would be sent too early: another claim holds an earlier one."""
        claimed, early = {entry.pk for entry in self.entries}, set()
        for _, run in groupby(rows, key=lambda row: row.key):
            run = [row.id for row in run]
            first = len(list(takewhile(claimed.__contains__, run)))
            early |= claimed.intersection(run[first:])
        self._record([entry for entry in self.entries if entry.pk in early])
        self.entries = [entry for entry in self.entries if entry.pk not in early]

    def holds(self):
        """Return whether the rest may be sent now; renews a lease that is about to end.

        If any of its entries was lost, the claim sends no more.
        """
        if self.held_until - time.monotonic() < MIN_LEASE_SECONDS:
            self.flush()
            self._renew()
        return not self._lost

    def mark_delivered(self, entries):
        """Mark `entries` as delivered, together with others of the same second."""
        if not self._delivered:
            self._delivered_at = time.monotonic()
        self._delivered += entries
        self._done.update(entry.pk for entry in entries)
        if time.monotonic() - self._delivered_at > FLUSH_SECONDS:
            self.flush()

    def flush(self):
        """Record the entries that were marked as delivered."""
        delivered, self._delivered = self._delivered, []
        self._record(
            delivered,
            state=OutboxEntry.State.DELIVERED,
            delivered_at=timezone.now(),
            attempts=F("attempts") + 1,
            error="",
        )

    def mark_failed(self, entry, error, *, due_at=None):
        """Postpone what is left of `entry` until `due_at`, or for good: staff can retry it.

        An entry that failed for good no longer blocks its key.
        """
        outcome = {"due_at": due_at} if due_at else {"state": OutboxEntry.State.FAILED}
        outcome |= {"details": entry.details, "attempts": entry.attempts + 1}
        self._record([entry], error=str(error)[:1000], **outcome)

    def release_unfinished(self, entry):
        """Release `entry` after a step of it; its `details` say what is left."""
        self._record([entry], details=entry.details)

    def split(self, entry, details, rest):
        """Release `entry` with half of its details; the `rest` becomes an entry of its own."""
        with transaction.atomic():
            if self._record([entry], details=details):
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
        renewed = self._claimed(self.left).update(claimed_until=timezone.now() + LEASE)
        self.held_until, self._lost = held_until, self._lost or renewed < len(self.left)

    def _record(self, entries, **changes):
        """Change and release `entries`, except those that another claim has: the lease ended.

        Return how many still belonged to this claim.
        """
        if not entries:
            return 0
        recorded = self._claimed(entries).update(claim=None, claimed_until=None, **changes)
        self._lost = self._lost or recorded < len(entries)
        self._done.update(entry.pk for entry in entries)
        return recorded

    def _claimed(self, entries):
        return OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries], claim=self.token)

"""Delivery of the outbox to Stream: in the order written per key, until all is done."""

import logging
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, islice, takewhile

from django.db import connection
from django.utils import timezone

from feeds.outbox.claims import claim
from feeds.outbox.operations import BATCHED, perform, split_details
from feeds.stream.errors import CallFailed, Permanent, Temporary, Unreachable

logger = logging.getLogger(__name__)

INLINE_ENTRIES = 20
INLINE_SECONDS = 0.5
MAX_PAUSE = 15 * 60
# The embedded server is locked for others as long as a call takes.
MAX_ENTRIES_PER_CALL = 20


def deliver_pending(stop=lambda: False):
    """Deliver every entry that is due, until `stop()`; return how many were tried.

    Ends early if Stream is unreachable.
    """
    tried, after = 0, ""
    while not stop() and (claimed := claim(after=after)):
        after = claimed.entries[-1].key
        delivery = deliver(claimed, stop=stop)
        tried += delivery.tried
        if delivery.unreachable:
            break
    return tried


@dataclass
class Budget:
    """The entries and the time that one commit may use for delivery in its own process."""

    entries: int = INLINE_ENTRIES
    deadline: float | None = None

    def start(self):
        """Start the clock at the first delivery of the commit; the next commit has its own."""
        if self.deadline is None:
            self.deadline = time.monotonic() + INLINE_SECONDS
        if getattr(connection, "feeds_budget", None) is self:
            del connection.feeds_budget

    @property
    def seconds(self):
        return self.deadline - time.monotonic()

    @property
    def is_used_up(self):
        return self.entries <= 0 or self.seconds < 0


def share_budget():
    """Return the budget of the transaction that is open now."""
    if not hasattr(connection, "feeds_budget"):
        connection.feeds_budget = Budget()
    return connection.feeds_budget


def deliver_inline(keys, budget=None):
    """Deliver the entries of `keys` that a commit wrote; return how many were tried.

    The worker delivers the rest when the budget is used up, or Stream is unreachable.
    """
    keys, budget, tried = set(keys), budget or Budget(), 0
    budget.start()
    # Claim again after each delivery: another commit may have added an entry to a key that was
    # claimed here, and could not claim it.
    while not budget.is_used_up and (claimed := claim(budget.entries, keys=keys)):
        limits = {"step": INLINE_ENTRIES, "seconds": budget.seconds}
        delivery = deliver(claimed, stop=lambda: budget.seconds < 0, **limits)
        tried += delivery.tried
        budget.entries -= delivery.tried
        keys -= delivery.blocked_keys
        if delivery.unreachable:
            break
    return tried


def deliver(claimed, *, stop=lambda: False, **limits):
    """Send claimed entries, until `stop()`, and record the outcomes; return the Delivery.

    `limits` are the rows (`step`) and `seconds` that a step of a long entry may take.
    """
    with claimed:
        delivery = Delivery(claimed, limits)
        while not delivery.is_over and not (delivery.tried and stop()) and claimed.holds():
            delivery.send_next()
    return delivery


class Delivery:
    """The delivery of a claim: in the order written for each key, several entries by one call.

    `blocked_keys` are those whose first entry is postponed or unfinished. `unreachable` is the
    error if Stream is.
    """

    def __init__(self, claimed, limits):
        self.claimed, self.limits = claimed, limits
        self.tried, self.unreachable = 0, None
        self.blocked_keys, self._single = set(), set()

    @property
    def is_over(self):
        return not self._queues or self.unreachable is not None

    @property
    def _queues(self):
        """Return the entries left to send, by key, without the blocked keys."""
        left = (entry for entry in self.claimed.left if entry.key not in self.blocked_keys)
        return {key: list(queue) for key, queue in groupby(left, key=lambda entry: entry.key)}

    def send_next(self):
        """Make the next call, and record the outcome of its entries."""
        entries, started = self._next_entries(), time.perf_counter()
        result = self._send(entries)
        if result != "parted":
            self.tried += len(entries)
        log(entries, result, started)

    def _next_entries(self):
        """Return the entries of the next call: the first of their keys, maybe several.

        Operations that combine entries across keys wait until all keys have come to them.
        """
        queues = list(self._queues.values())
        for queue in queues:
            if queue[0].operation == "add":
                return self._combine(queue[0], [queue])
            if queue[0].operation not in BATCHED:
                return queue[:1]
        return self._combine(queues[0][0], queues)

    def _combine(self, first, queues):
        """Return `first` and the entries that fit into the same call."""
        if first.pk in self._single:
            return [first]

        def fits(entry):
            return entry.operation == first.operation and entry.pk not in self._single

        entries = (entry for queue in queues for entry in takewhile(fits, queue))
        return list(islice(entries, MAX_ENTRIES_PER_CALL))

    def _send(self, entries):
        before = entries[0].details
        if entries[0].operation == "follow":
            self.claimed.flush()  # `copy_limit` reads from the outbox what was added to feeds
        try:
            finished = perform(entries, holds=self.claimed.holds, **self.limits)
        except Exception as error:  # whatever happens to it, an entry is never dropped
            if entries[0].details is not before:  # a part of it was done: no reason to wait longer
                entries[0].attempts = 0
            return self._fail(entries, error if isinstance(error, CallFailed) else Temporary(error))
        if finished:
            self.claimed.mark_delivered(entries)
            return "delivered"
        self.blocked_keys.add(entries[0].key)
        self.claimed.release_unfinished(entries[0])
        return "unfinished"

    def _fail(self, entries, error):
        is_down = isinstance(error, Unreachable)
        if len(entries) > 1 and (not is_down or error.may_be_too_large):
            self._single |= {entry.pk for entry in entries}  # to find the one that fails
            return "parted"
        entry, is_permanent = entries[0], isinstance(error, Permanent)
        if is_permanent and not (halves := split_details(entry)):
            self.claimed.mark_failed(entry, error)
            return "failed"
        self.blocked_keys.add(entry.key)
        if is_permanent:
            self.claimed.split(entry, *halves)  # to find the part that is refused
            return "parted"
        wait = max(backoff(entry.attempts), timedelta(seconds=error.wait))
        self.claimed.mark_failed(entry, error, due_at=timezone.now() + wait)
        if is_down:
            self.unreachable = error
        return "postponed"


def log(entries, result, started):
    logger.log(
        logging.INFO if result in {"delivered", "unfinished"} else logging.WARNING,
        "delivery",
        extra={
            "entries": [entry.pk for entry in entries],
            "operation": entries[0].operation,
            "keys": list(dict.fromkeys(entry.key for entry in entries)),
            "attempts": entries[0].attempts + 1,
            "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            "result": result,
        },
    )


def backoff(attempts):
    """Return the pause after `attempts` failures: doubling to 15 minutes, with jitter."""
    seconds = min(MAX_PAUSE, 2 ** min(attempts, 10))
    return timedelta(seconds=seconds * random.uniform(0.5, 1))  # noqa: S311

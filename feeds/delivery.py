"""Delivering the outbox: what was written is told to Stream, in order per key, until it is done."""

import logging
import random
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, takewhile

from django.db import connection
from django.utils import timezone

from feeds.answers import Permanent, Temporary, Unreachable, Untaken
from feeds.claims import claim
from feeds.operations import TOGETHER, halves, perform

logger = logging.getLogger(__name__)

INLINE_ENTRIES = 20
INLINE_SECONDS = 0.5
LONGEST_PAUSE = 15 * 60
# Entries told by one call: the embedded server is locked for others as long as that takes.
MOST_TOGETHER = 20


def deliver_pending(stop=lambda: False):
    """Deliver every entry that is due, until `stop()`; return how many were tried.

    Ends early once Stream is out of reach.
    """
    tried, after = 0, ""
    while not stop() and (claimed := claim(after=after)):
        after = claimed.entries[-1].key
        sending = deliver(claimed, stop=stop)
        tried += sending.tried
        if sending.unreachable:
            break
    return tried


@dataclass
class Budget:
    """What one commit may deliver in its own process, however many entries it wrote."""

    entries: int = INLINE_ENTRIES
    deadline: float | None = None

    def start(self):
        """Let the clock run from the first delivery of the commit; the next commit has its own."""
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
    """Deliver the entries of `keys` that a commit left; return how many were tried.

    What is not done when the budget is used up, or Stream is out of reach, is the worker's.
    """
    keys, budget, tried = set(keys), budget or Budget(), 0
    budget.start()
    # Asked anew each time: an entry that another commit added to a key that was busy here could
    # not be claimed there.
    while not budget.is_used_up and (claimed := claim(budget.entries, keys=keys)):
        late = {"step": INLINE_ENTRIES, "seconds": budget.seconds}
        sending = deliver(claimed, stop=lambda: budget.seconds < 0, **late)
        tried += sending.tried
        budget.entries -= sending.tried
        keys -= sending.held_up
        if sending.unreachable:
            break
    return tried


def deliver(claimed, *, stop=lambda: False, **late):
    """Tell Stream what was claimed, until `stop()`, and mark it; return how that went, a Sending.

    `late` are how many rows (`step`) and `seconds` a part of a long entry may take.
    """
    with claimed:
        sending = Sending(claimed, late)
        while not sending.is_over and not (sending.tried and stop()) and claimed.holds():
            sending.go_on()
    return sending


class Sending:
    """Entries on their way to Stream: of each key in the order written, several by one call.

    `held_up` are the keys that wait: for their first entry to be tried again, or to be finished.
    """

    def __init__(self, claimed, late):
        self.claimed, self.late = claimed, late
        self.tried, self.unreachable = 0, None
        self.held_up, self._alone, self._queues = set(), set(), {}
        for entry in claimed.entries:
            self._queues.setdefault(entry.key, []).append(entry)

    @property
    def is_over(self):
        return not self._queues or self.unreachable is not None

    def go_on(self):
        """Make the next call, and mark what became of its entries."""
        entries, started = self._next(), time.perf_counter()
        result = self._tell(entries)
        if result != "parted":
            self.tried += len(entries)
        log(entries, result, started)

    def _next(self):
        """Return the entries that the next call tells: the first of their keys, maybe several.

        What can be told together across keys waits until it is the turn of it in all of them.
        """
        firsts = [queue[0] for queue in self._queues.values()]
        for first in firsts:
            if first.operation == "add":
                return self._alike(first, [self._queues[first.key]])
            if first.operation not in TOGETHER:
                return [first]
        return self._alike(firsts[0], self._queues.values())

    def _alike(self, first, queues):
        """Return `first` and what can be told together with it."""
        if first.pk in self._alone:
            return [first]

        def is_alike(entry):
            return entry.operation == first.operation and entry.pk not in self._alone

        alike = (entry for queue in queues for entry in takewhile(is_alike, queue))
        return list(islice(alike, MOST_TOGETHER))

    def _tell(self, entries):
        before = entries[0].details
        if entries[0].operation == "follow":
            self.claimed.mark_told()  # `copies.copy_limit` asks the outbox what is on feeds by now
        try:
            finished = perform(entries, holds=self.claimed.holds, **self.late)
        except Exception as error:  # whatever happens to it, an entry is never dropped
            if entries[0].details is not before:  # a part of it was done: no reason to wait longer
                entries[0].attempts = 0
            return self._refused(entries, error if isinstance(error, Untaken) else Temporary(error))
        if finished:
            self.claimed.delivered(entries)
            self._advance(entries)
            return "delivered"
        self.claimed.unfinished(entries[0])
        self._hold_up(entries[0])
        return "unfinished"

    def _refused(self, entries, error):
        is_down = isinstance(error, Unreachable)
        if len(entries) > 1 and (not is_down or error.may_be_the_size):
            self._alone |= {entry.pk for entry in entries}  # to see which of them it is
            return "parted"
        entry = entries[0]
        if isinstance(error, Permanent):
            return self._park(entry, error)
        wait = max(pause(entry.attempts), timedelta(seconds=error.wait))
        self.claimed.postponed(entry, error, timezone.now() + wait)
        self._hold_up(entry)
        if is_down:
            self.unreachable = error
        return "postponed"

    def _park(self, entry, error):
        """Park what is refused for good: of an entry that says many things, that part alone."""
        if parts := halves(entry):
            self.claimed.parted(entry, *parts)
            self._hold_up(entry)
            return "parted"
        self.claimed.failed(entry, error)
        self._advance([entry])
        return "failed"

    def _advance(self, entries):
        for entry in entries:
            queue = self._queues[entry.key]
            queue.remove(entry)
            if not queue:
                del self._queues[entry.key]

    def _hold_up(self, entry):
        self.held_up.add(entry.key)
        del self._queues[entry.key]


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


def pause(attempts):
    """Return how long to wait after `attempts` failures: doubling to 15 minutes, with jitter."""
    seconds = min(LONGEST_PAUSE, 2 ** min(attempts, 10))
    return timedelta(seconds=seconds * random.uniform(0.5, 1))  # noqa: S311

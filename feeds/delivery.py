"""Delivering the outbox: what was written is told to Stream, in order per key, until it is done."""

import logging
import random
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from stream.exceptions import FeedConfigException, StreamApiException

from feeds import outbox
from feeds.operations import perform

logger = logging.getLogger(__name__)

INLINE_ENTRIES = 20
INLINE_SECONDS = 0.5
LONGEST_PAUSE = 15 * 60
# Stream's answers that pass: a wrong key or a missing right is mended by people, not by dropping.
TEMPORARY_STATUSES = {401, 403, 408, 429}


def deliver_pending(limit=None):
    """Deliver every entry that is due, up to `limit`; return how many were tried.

    Ends early once an entry is postponed, as Stream is then most likely out of reach.
    """
    tried = 0
    while limit is None or tried < limit:
        entry = outbox.claim()
        if entry is None:
            break
        tried += 1
        if deliver(entry) == "postponed":
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
    def is_left(self):
        return self.entries > 0 and self.seconds >= 0


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
    while keys and budget.is_left:
        # Asked anew each time: an entry that another commit added to a key that was busy here
        # could not be claimed there.
        entry = outbox.claim(keys)
        if entry is None:
            break
        tried += 1
        budget.entries -= 1
        result = deliver(entry, step=INLINE_ENTRIES, seconds=budget.seconds)
        if result == "postponed":
            break
        if result == "unfinished":
            keys.discard(entry.key)
    return tried


def deliver(entry, **options):
    """Tell Stream one claimed entry and mark it.

    Returns "delivered", "unfinished" (a step of it is done), "postponed" or "failed" (for good).
    """
    started = time.perf_counter()
    result = _attempt(entry, **options)
    logger.log(
        logging.INFO if result in {"delivered", "unfinished"} else logging.WARNING,
        "delivery",
        extra={
            "entry": entry.pk,
            "operation": entry.operation,
            "key": entry.key,
            "attempts": entry.attempts + 1,
            "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            "result": result,
        },
    )
    return result


def _attempt(entry, **options):
    try:
        finished = perform(entry, **options)
    except Exception as error:  # whatever happens to it, an entry is never dropped
        if is_permanent(error):
            outbox.mark_failed(entry, error)
            return "failed"
        outbox.mark_postponed(entry, error, due_at=timezone.now() + pause(entry.attempts))
        return "postponed"
    if finished:
        outbox.mark_delivered(entry)
        return "delivered"
    outbox.mark_unfinished(entry)
    return "unfinished"


def is_permanent(error):
    """Return whether trying again cannot help: Stream refused what the entry says."""
    if not isinstance(error, StreamApiException) or isinstance(error, FeedConfigException):
        return False
    status = getattr(error, "status_code", None) or 500
    return 400 <= status < 500 and status not in TEMPORARY_STATUSES


def pause(attempts):
    """Return how long to wait after `attempts` failures: doubling to 15 minutes, with jitter."""
    seconds = min(LONGEST_PAUSE, 2 ** min(attempts, 10))
    return timedelta(seconds=seconds * random.uniform(0.5, 1))  # noqa: S311

"""Delivering the outbox: what was written is told to Stream, in order per key, until it is done."""

import logging
import random
import time
from datetime import timedelta

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
    """Deliver every entry that is due, up to `limit`; return how many were tried."""
    return _deliver(limit=limit)


def deliver_inline(keys):
    """Deliver the entries of `keys` that a commit left: at most 20, for at most half a second.

    What is not done then is left to the worker.
    """
    deadline = time.monotonic() + INLINE_SECONDS
    return _deliver(keys=keys, limit=INLINE_ENTRIES, deadline=deadline, step=INLINE_ENTRIES)


def _deliver(*, keys=None, limit=None, deadline=None, **options):
    tried = 0
    while limit is None or tried < limit:
        if deadline and time.monotonic() > deadline:
            break
        # Asked anew each time: an entry that another commit added to a key that was busy here
        # could not be claimed there.
        entry = outbox.claim(keys)
        if entry is None:
            break
        tried += 1
        if not deliver(entry, **options):
            break
    return tried


def deliver(entry, **options):
    """Tell Stream one claimed entry and mark it; return False if Stream cannot be reached."""
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
    return result != "postponed"


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
    status = error.status_code or 500
    return 400 <= status < 500 and status not in TEMPORARY_STATUSES


def pause(attempts):
    """Return how long to wait after `attempts` failures: doubling, at most 15 minutes, with jitter."""
    seconds = min(LONGEST_PAUSE, 2 ** min(attempts, 10))
    return timedelta(seconds=seconds * random.uniform(0.5, 1))  # noqa: S311

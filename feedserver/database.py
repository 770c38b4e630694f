"""Transactions and locks that are safe with many writers."""

import functools
import time

from django.db import OperationalError, connection, transaction

from feedserver.models import Feed

_MAX_ATTEMPTS = 5
# PostgreSQL's serialization_failure and deadlock_detected.
_RETRYABLE_STATES = {"40001", "40P01"}


def atomically(function):
    """Run `function` in a transaction, and retry it if the database ended it to break a deadlock.

    Inside a caller's transaction only the caller can retry: the error is raised.
    """

    @functools.wraps(function)
    def run(*args, **kwargs):
        for attempt in range(_MAX_ATTEMPTS):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                state = getattr(error.__cause__, "sqlstate", None)
                last = attempt == _MAX_ATTEMPTS - 1
                if last or connection.in_atomic_block or state not in _RETRYABLE_STATES:
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    return run


def lock_feeds(feed_ids):
    """Return the rows of `feed_ids`, created if missing and locked, in a dictionary by feed id.

    Adding to a feed and following it both take this lock, so that no activity is missed by both
    the fan-out and the copy on follow.
    """
    feed_ids = sorted(set(feed_ids))
    locked = lock_existing_feeds(feed_ids)
    # Retry: `entries.delete_unused_feeds` may delete a row before it is locked.
    while len(locked) < len(feed_ids):
        missing = [feed_id for feed_id in feed_ids if feed_id not in locked]
        Feed.objects.bulk_create(
            [Feed(slug=slug, user_id=user_id) for slug, user_id in missing], ignore_conflicts=True
        )
        locked = lock_existing_feeds(feed_ids)
    return locked


def lock_existing_feeds(feed_ids):
    """Return the rows of those of `feed_ids` that have one, locked as `lock_feeds` does."""
    return _lock(find_feeds(set(feed_ids)))


def find_feed(feed_id):
    """Return the row of a feed, or None: a feed that was never written to has none."""
    return find_feeds([feed_id]).get(feed_id)


def find_feeds(feed_ids):
    """Return the existing rows in a dictionary by feed id, with one query for each group."""
    by_slug = {}
    for slug, user_id in feed_ids:
        by_slug.setdefault(slug, []).append(user_id)
    return {
        (feed.slug, feed.user_id): feed
        for slug, user_ids in by_slug.items()
        for feed in Feed.objects.filter(slug=slug, user_id__in=user_ids)
    }


def _lock(feeds):
    """Lock feeds in the order of their keys, as every transaction does.

    Without their keys: fan-out inserts rows that refer to feeds which others have locked, and
    would wait for these in no order.
    """
    rows = Feed.objects.select_for_update(no_key=True)
    rows = rows.filter(pk__in=[feed.pk for feed in feeds.values()])
    return {(feed.slug, feed.user_id): feed for feed in rows.order_by("pk")}


def in_batches(values, size):
    """Yield `values` in lists of at most `size`, to limit the parameters of a statement."""
    values = list(values)
    for start in range(0, len(values), size):
        yield values[start : start + size]

"""Transactions and locks that are safe with many writers."""

import functools
import time

from django.db import OperationalError, connection, transaction

from feedserver.models import Feed

_TRIES = 5
# PostgreSQL's serialization_failure and deadlock_detected.
_REPEATABLE = {"40001", "40P01"}


def atomically(function):
    """Run `function` in a transaction, again if the database broke a deadlock by ending it.

    Inside a caller's transaction there is nothing to repeat: the error is the caller's.
    """

    @functools.wraps(function)
    def run(*args, **kwargs):
        for attempt in range(_TRIES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                state = getattr(error.__cause__, "sqlstate", None)
                last = attempt == _TRIES - 1
                if last or connection.in_atomic_block or state not in _REPEATABLE:
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    return run


def lock_feeds(feed_ids):
    """Return the rows of `feed_ids`, made where missing and locked, in a dictionary by feed id.

    Whoever writes to a feed and whoever begins to follow it wait for each other here, so that no
    activity falls between fan-out and the copy on follow.
    """
    wanted = sorted(set(feed_ids))
    locked = lock_known_feeds(wanted)
    # Again, should one have been forgotten (`entries.forget_bare_feeds`) before it was locked.
    while len(locked) < len(wanted):
        missing = [Feed(slug=slug, user_id=user_id) for slug, user_id in wanted]
        Feed.objects.bulk_create(
            [feed for feed in missing if (feed.slug, feed.user_id) not in locked],
            ignore_conflicts=True,
        )
        locked = lock_known_feeds(wanted)
    return locked


def lock_known_feeds(feed_ids):
    """Return those of `feed_ids` that have a row, locked as `lock_feeds` does."""
    return _lock(find_feeds(set(feed_ids)))


def find_feed(feed_id):
    """Return the row of a feed, or None: a feed that nothing was ever written to has none."""
    return find_feeds([feed_id]).get(feed_id)


def find_feeds(feed_ids):
    """Return the rows that exist, in a dictionary by feed id: one query for each group."""
    by_slug = {}
    for slug, user_id in feed_ids:
        by_slug.setdefault(slug, []).append(user_id)
    return {
        (feed.slug, feed.user_id): feed
        for slug, user_ids in by_slug.items()
        for feed in Feed.objects.filter(slug=slug, user_id__in=user_ids)
    }


def _lock(found):
    """Lock feeds in the order of their keys, which is everybody's.

    But not the keys themselves: fan-out refers to feeds that others hold, and would wait in no
    order at all.
    """
    rows = Feed.objects.select_for_update(no_key=True)
    rows = rows.filter(pk__in=[feed.pk for feed in found.values()])
    return {(feed.slug, feed.user_id): feed for feed in rows.order_by("pk")}


def in_parts(values, size):
    """Yield `values` in lists of at most `size`: what one statement takes as parameters."""
    values = list(values)
    for start in range(0, len(values), size):
        yield values[start : start + size]

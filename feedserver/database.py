"""Transactions that are safe with many writers, and the SQL that Django's ORM has no words for."""

import functools
import time

from django.db import OperationalError, connection, transaction

from feedserver.models import Feed, FeedEntry, Follow

_TRIES = 5
# PostgreSQL's serialization_failure and deadlock_detected.
_REPEATABLE = {"40001", "40P01"}

_ENTRY = FeedEntry._meta.db_table
_FOLLOW = Follow._meta.db_table


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
    found = find_feeds(wanted)
    missing = [
        Feed(slug=slug, user_id=user_id) for slug, user_id in wanted if (slug, user_id) not in found
    ]
    if missing:
        Feed.objects.bulk_create(missing, ignore_conflicts=True)
        found = find_feeds(wanted)
    return _lock(found)


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


def fan_out(feeds, activity_ids):
    """Copy what was just added to `feeds` into every feed that follows one of them."""
    _execute(
        f"""
        INSERT INTO {_ENTRY} (feed_id, activity_id, origin_id)
        SELECT follow.source_id, entry.activity_id, entry.origin_id
        FROM {_ENTRY} entry JOIN {_FOLLOW} follow ON follow.target_id = entry.origin_id
        WHERE entry.feed_id = entry.origin_id
          AND entry.feed_id IN ({_marks(feeds)})
          AND entry.activity_id IN ({_marks(activity_ids)})
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - only marks and names of our own tables are put in
        [*(feed.pk for feed in feeds), *map(_activity_key, activity_ids)],
    )


def copy_history(source, target, limit):
    """Copy the newest `limit` activities that were added to `target` itself into `source`."""
    _execute(
        f"""
        INSERT INTO {_ENTRY} (feed_id, activity_id, origin_id)
        SELECT %s, entry.activity_id, entry.origin_id
        FROM {_ENTRY} entry
        WHERE entry.feed_id = %s AND entry.origin_id = %s
        ORDER BY entry.activity_id DESC LIMIT %s
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - only names of our own tables are put in
        [source.pk, target.pk, target.pk, limit],
    )


def _marks(values):
    return ", ".join(["%s"] * len(values))


def _activity_key(activity_id):
    return FeedEntry._meta.get_field("activity").get_db_prep_value(activity_id, connection)


def _execute(sql, parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)

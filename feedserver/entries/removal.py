"""Activities leave feeds: one that is removed, what a feed no longer follows, what is too old."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from feedserver.entries.group_counts import (
    entries_of_group,
    held_by_actor,
    lock_groups,
    set_counts,
    wait_for_groups_of,
)
from feedserver.models import FeedEntry
from feedserver.sql import ENTRY, GROUP, among, execute, key, marks


def take_out(activity, feed, sources):
    """Remove what `feed` holds of `activity`, and what others hold because of `sources`.

    Counts are changed by the difference, or counted anew where they cannot have been right.
    """
    one = key(activity.pk)
    # No feed has the key 0: it stands for "no source".
    origins = [0, *(source.pk for source in sources)]
    try:
        with transaction.atomic():
            _take_out_of_groups(one, activity.actor, feed, origins)
    except IntegrityError:
        among_origins = f"entry.origin_id IN ({marks(origins)})"
        goes = f"entry.activity_id = %s AND (entry.feed_id = %s OR {among_origins})"
        gone = [one, feed.pk, *origins]
        _drop(goes, gone, f"NOT ({goes})", gone)
    held = FeedEntry.objects.filter(activity=activity)
    held.filter(Q(feed=feed) | Q(origin__in=sources))._raw_delete(held.db)


def _take_out_of_groups(one, actor, feed, origins):
    """Count an activity out of the groups that lose it; one that loses its only one goes."""
    leaving = f"""
        SELECT entry.group_id FROM {ENTRY} entry
        WHERE entry.activity_id = %s AND entry.group_id IS NOT NULL
        GROUP BY entry.group_id
        HAVING MIN(
            CASE WHEN entry.feed_id = %s OR entry.origin_id IN ({marks(origins)})
            THEN 1 ELSE 0 END
        ) = 1"""
    left = [one, feed.pk, *origins]
    # All that hold it: a feed that is about to lose it otherwise would leave nobody to count.
    wait_for_groups_of([one])
    others = entries_of_group("entry.activity_id <> %s")
    execute(
        f"""
        DELETE FROM {GROUP}
        WHERE activity_count = 1 AND id IN ({leaving}) AND NOT EXISTS (SELECT 1 {others})
        """,
        [*left, one],
    )
    _count_less(one, actor, leaving, left)


def _count_less(one, actor, leaving, left):
    """Let groups say what they hold without one activity."""
    execute(
        f"""
        UPDATE {GROUP} SET
            activity_count = activity_count - 1,
            actor_count = actor_count - CASE WHEN EXISTS ({held_by_actor()}) THEN 0 ELSE 1 END,
            newest = CASE WHEN newest = %s THEN ({_outermost("DESC")}) ELSE newest END,
            oldest = CASE WHEN oldest = %s THEN ({_outermost("ASC")}) ELSE oldest END
        WHERE id IN ({leaving})
        """,
        [actor, one, one, one, one, one, *left],
    )


def _outermost(direction):
    """SQL: the first or last activity of a group, one apart; takes that one."""
    others = entries_of_group("entry.activity_id <> %s")
    return f"SELECT entry.activity_id {others} ORDER BY entry.activity_id {direction} LIMIT 1"


def purge(pairs):
    """Remove what feeds hold because they followed others: pairs of keys of both."""
    goes, parameters = among(["entry.feed_id", "entry.origin_id"], pairs)
    _drop(goes, parameters, f"NOT ({goes})", parameters)


def shorten(crowded):
    """Remove the oldest copies of feeds: pairs of a key and the newest activity that leaves."""
    for feed, newest in sorted(crowded):
        is_copy = "entry.origin_id <> entry.feed_id AND entry.activity_id <= %s"
        last = key(newest)
        _drop(f"entry.feed_id = %s AND {is_copy}", [feed, last], f"NOT ({is_copy})", [last])


def _drop(goes, gone, stays, staying):
    """Remove entries, and the groups that lose all of theirs.

    What goes, and what stays in a group that loses some, are conditions in SQL with parameters.
    """
    touched = (
        f"SELECT entry.group_id FROM {ENTRY} entry WHERE entry.group_id IS NOT NULL AND {goes}"
    )
    lock_groups(touched, gone)
    execute(
        f"""
        DELETE FROM {GROUP} WHERE id IN ({touched})
          AND NOT EXISTS (SELECT 1 {entries_of_group(stays)})
        """,
        [*gone, *staying],
    )
    set_counts(touched, gone, stays, staying)
    execute(f"DELETE FROM {ENTRY} AS entry WHERE {goes}", gone)

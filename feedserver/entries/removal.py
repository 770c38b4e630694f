"""Removal of entries: of a removed activity, of a feed that is unfollowed, of the oldest copies."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from feedserver.entries.group_counts import (
    entries_of_group,
    lock_groups,
    lock_groups_of,
    other_entries_of_actor,
    set_counts,
)
from feedserver.models import FeedEntry
from feedserver.sql import ENTRY, GROUP, db_id, execute, pairs_condition, placeholders


def remove_entries(activity, feed, sources):
    """Remove the entries of `activity` in `feed`, and those with an origin in `sources` anywhere.

    Counts change by the difference. If a constraint shows that they were wrong, recount.
    """
    activity_id = db_id(activity.pk)
    # No feed has the key 0: it makes the list valid SQL without sources.
    origins = [0, *(source.pk for source in sources)]
    try:
        with transaction.atomic():
            _remove_from_groups(activity_id, activity.actor, feed, origins)
    except IntegrityError:
        has_origin = f"entry.origin_id IN ({placeholders(origins)})"
        removed = f"entry.activity_id = %s AND (entry.feed_id = %s OR {has_origin})"
        parameters = [activity_id, feed.pk, *origins]
        _delete_entries(removed, parameters, f"NOT ({removed})", parameters)
    entries = FeedEntry.objects.filter(activity=activity)
    entries.filter(Q(feed=feed) | Q(origin__in=sources))._raw_delete(entries.db)


def _remove_from_groups(activity_id, actor, feed, origins):
    """Subtract an activity from the groups that lose it; delete those without another one."""
    losing = f"""
        SELECT entry.group_id FROM {ENTRY} entry
        WHERE entry.activity_id = %s AND entry.group_id IS NOT NULL
        GROUP BY entry.group_id
        HAVING MIN(
            CASE WHEN entry.feed_id = %s OR entry.origin_id IN ({placeholders(origins)})
            THEN 1 ELSE 0 END
        ) = 1"""
    losing_parameters = [activity_id, feed.pk, *origins]
    # Lock all groups of the activity, also those that keep it: if two transactions each remove
    # another of its entries, neither of them alone would subtract it.
    lock_groups_of([activity_id])
    others = entries_of_group("entry.activity_id <> %s")
    execute(
        f"""
        DELETE FROM {GROUP}
        WHERE activity_count = 1 AND id IN ({losing}) AND NOT EXISTS (SELECT 1 {others})
        """,
        [*losing_parameters, activity_id],
    )
    _subtract_from_counts(activity_id, actor, losing, losing_parameters)


def _subtract_from_counts(activity_id, actor, losing, losing_parameters):
    """Update the groups `losing`, which is SQL with parameters, to be without one activity."""
    has_other = other_entries_of_actor()
    execute(
        f"""
        UPDATE {GROUP} SET
            activity_count = activity_count - 1,
            actor_count = actor_count - CASE WHEN EXISTS ({has_other}) THEN 0 ELSE 1 END,
            newest = CASE WHEN newest = %s THEN ({_outermost("DESC")}) ELSE newest END,
            oldest = CASE WHEN oldest = %s THEN ({_outermost("ASC")}) ELSE oldest END
        WHERE id IN ({losing})
        """,
        [actor, *[activity_id] * 5, *losing_parameters],
    )


def _outermost(direction):
    """Return SQL for the first or last activity of a group except one, its parameter."""
    others = entries_of_group("entry.activity_id <> %s")
    return f"SELECT entry.activity_id {others} ORDER BY entry.activity_id {direction} LIMIT 1"


def purge(pairs):
    """Remove copies because of follows that ended: pairs of the keys of follower and followed."""
    removed, parameters = pairs_condition(["entry.feed_id", "entry.origin_id"], pairs)
    _delete_entries(removed, parameters, f"NOT ({removed})", parameters)


def trim(feeds):
    """Remove the oldest copies in feeds: pairs of a key and the newest activity to remove."""
    for feed, newest in sorted(feeds):
        is_old_copy = "entry.origin_id <> entry.feed_id AND entry.activity_id <= %s"
        last = db_id(newest)
        removed = f"entry.feed_id = %s AND {is_old_copy}"
        _delete_entries(removed, [feed, last], f"NOT ({is_old_copy})", [last])


def _delete_entries(removed, removed_parameters, kept, kept_parameters):
    """Delete entries, and the groups that lose all of theirs.

    `removed` is a condition in SQL for the entries to delete, `kept` one for the entries that stay
    in a group that loses some.
    """
    losing = (
        f"SELECT entry.group_id FROM {ENTRY} entry WHERE entry.group_id IS NOT NULL AND {removed}"
    )
    lock_groups(losing, removed_parameters)
    execute(
        f"""
        DELETE FROM {GROUP} WHERE id IN ({losing})
          AND NOT EXISTS (SELECT 1 {entries_of_group(kept)})
        """,
        [*removed_parameters, *kept_parameters],
    )
    set_counts(losing, removed_parameters, kept, kept_parameters)
    execute(f"DELETE FROM {ENTRY} AS entry WHERE {removed}", removed_parameters)

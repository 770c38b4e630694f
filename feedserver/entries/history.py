"""Copy on follow: the newest activities of a followed feed are copied into its new follower.

The number of statements does not depend on the number of follows: one for all flat followers, some
for each batch of followers of an aggregating group. Activities are locked before groups, as by a
fan-out of the same activities. Concurrent transactions of several batches may deadlock; they are
retried (`feedserver.database.atomically`).
"""

from typing import NamedTuple

from django.db import connection

from feedserver.aggregation import group_name
from feedserver.entries.group_counts import lock_groups, recount, set_counts
from feedserver.groups import get_group
from feedserver.models import Activity, Feed, FeedEntry
from feedserver.removed_activities import find_returning
from feedserver.sql import ENTRY, GROUP, db_id, execute, fetch, inline_table

# Copies into groups that are in memory at once.
_BATCH_SIZE = 10_000
# The fields that names of groups and marks depend on.
_NAMED_BY = ("actor", "verb", "object", "time")
_to_python = FeedEntry._meta.get_field("activity").to_python


class HistoryCopy(NamedTuple):
    """The newest `limit` activities added to `target` itself, to be copied into `source`."""

    source: Feed
    target: Feed
    limit: int


class _Entry(NamedTuple):
    """An entry to insert: the keys of the feed, the activity and the origin."""

    feed: int
    activity: object
    origin: int


def copy_history(copies):
    """Make a list of HistoryCopy."""
    by_slug = {}
    for copy in copies:
        by_slug.setdefault(copy.source.slug, []).append(copy)
    groups = {slug: get_group(slug) for slug in sorted(by_slug)}
    flat = [copy for copy in copies if not groups[copy.source.slug].aggregates]
    if flat:
        _copy_into_flat_feeds(flat)
    for slug, group in groups.items():
        for batch in _batches(by_slug[slug]) if group.aggregates else []:
            _copy_into_groups(group, batch)


def _batches(copies):
    """Yield lists of HistoryCopy of similar limits: SQLite reads the highest limit for each."""
    batch, size = [], 0
    for copy in sorted(copies, key=lambda copy: (copy.limit, copy.source.pk, copy.target.pk)):
        if batch and size + copy.limit > _BATCH_SIZE:
            yield batch
            batch, size = [], 0
        batch.append(copy)
        size += copy.limit
    yield batch


def _copy_into_flat_feeds(copies):
    newest, parameters = _newest(copies)
    execute(
        f"""
        INSERT INTO {ENTRY} (feed_id, activity_id, origin_id)
        SELECT source_id, activity_id, target_id FROM ({newest}) newest WHERE TRUE
        ON CONFLICT DO NOTHING
        """,
        parameters,
    )


def _newest(copies):
    """Return SQL for the activities to copy, and its parameters.

    For each HistoryCopy it reads the end of one range of an index.
    """
    columns = {"source_id": "bigint", "target_id": "bigint", "copies": "bigint"}
    rows = [(copy.source.pk, copy.target.pk, copy.limit) for copy in copies]
    requested, parameters = inline_table("requested", columns, rows)
    added = f"""
        SELECT entry.activity_id FROM {ENTRY} entry
        WHERE entry.feed_id = requested.target_id AND entry.origin_id = requested.target_id
        ORDER BY entry.activity_id DESC LIMIT"""
    if connection.vendor == "postgresql":
        newest = f"""
            SELECT requested.source_id, requested.target_id, newest.activity_id
            FROM {requested} CROSS JOIN LATERAL ({added} requested.copies) newest"""
        return newest, parameters
    # SQLite has no LATERAL, but a table function may use the row before it. Its LIMIT cannot
    # differ by row.
    newest = f"""
        SELECT requested.source_id, requested.target_id, newest.value AS activity_id
        FROM {requested} CROSS JOIN json_each(
            (SELECT json_group_array(activity_id) FROM ({added} %s))
        ) newest
        WHERE newest.key < requested.copies"""
    return newest, [*parameters, max(copy.limit for copy in copies)]


def _copy_into_groups(group, copies):
    sources = {copy.source.pk: copy.source for copy in copies}
    newest, parameters = _newest(copies)
    rows = fetch(f"SELECT source_id, activity_id, target_id FROM ({newest}) newest", parameters)
    entries = [_Entry(feed, _to_python(activity), origin) for feed, activity, origin in rows]
    locked = Activity.objects.select_for_update(no_key=True).order_by("pk")
    locked = locked.filter(pk__in={entry.activity for entry in entries})
    activities = {row.pk: row for row in locked.only(*_NAMED_BY)}
    entries = [entry for entry in entries if entry.activity in activities]
    if entries:
        names = {pk: group_name(group, row) for pk, row in activities.items()}
        current_groups = _lock_current_groups(entries)
        is_seen = _seen_function(group, sources, activities)
        by_group = {}
        for entry in entries:
            if (entry.feed, entry.activity) not in current_groups:
                by_group.setdefault((names[entry.activity], entry.feed), []).append(entry)
        _upsert_groups(by_group, is_seen)
        _insert_entries(entries, current_groups, names)
        _set_counts(by_group)
        # Also the groups of activities that the feeds held already.
        recount(sorted(set(current_groups.values())))


def _lock_current_groups(entries):
    """Lock the groups in which feeds hold activities already; return them by feed and activity.

    The activities stay there, whatever name their group would get today.
    """
    columns = {"feed_id": "bigint", "activity_id": "uuid"}
    pairs = sorted({(entry.feed, entry.activity) for entry in entries})
    rows = [(feed, db_id(activity)) for feed, activity in pairs]
    copied, parameters = inline_table("copied", columns, rows)
    group = f"""
        (
            SELECT entry.group_id FROM {ENTRY} entry
            WHERE entry.feed_id = copied.feed_id AND entry.activity_id = copied.activity_id LIMIT 1
        )"""
    lock_groups(f"SELECT {group} FROM {copied}", parameters)
    groups = fetch(f"SELECT feed_id, activity_id, {group} FROM {copied}", parameters)
    return {(feed, _to_python(activity)): key for feed, activity, key in groups if key is not None}


def _seen_function(group, sources, activities):
    """Return a function: whether an entry is added seen and read, or None without marks."""
    if not group.has_marks:
        return lambda entry: None
    returning = find_returning([group], activities.values())
    return lambda entry: (
        entry.activity in returning
        or (
            group.own_seen
            and activities[entry.activity].actor == f"SU:{sources[entry.feed].user_id}"
        )
    )


def _upsert_groups(by_group, is_seen):
    """Insert or lock groups, in the order of names and feeds.

    `_set_counts` corrects the counts and the newest and oldest activity of new groups.
    """
    columns = {"position": "bigint", "feed_id": "bigint", "name": "text"}
    columns |= {"activity_id": "uuid", "is_seen": "boolean"}
    rows = []
    for position, ((name, feed), entries) in enumerate(sorted(by_group.items())):
        # One unseen activity makes the group unseen.
        is_unseen = any(is_seen(entry) is False for entry in entries)
        seen = False if is_unseen else is_seen(entries[0])
        rows.append((position, feed, name, db_id(entries[0].activity), seen))
    new_groups, parameters = inline_table("new_group", columns, rows)
    execute(
        f"""
        INSERT INTO {GROUP}
            (feed_id, name, newest, oldest, activity_count, actor_count, is_seen, is_read)
        SELECT feed_id, name, activity_id, activity_id, 1, 1, is_seen, is_seen
        FROM {new_groups} WHERE TRUE ORDER BY position
        ON CONFLICT (feed_id, name) DO UPDATE SET
            is_seen = CASE WHEN excluded.is_seen THEN {GROUP}.is_seen ELSE excluded.is_seen END,
            is_read = CASE WHEN excluded.is_read THEN {GROUP}.is_read ELSE excluded.is_read END
        """,
        parameters,
    )


def _insert_entries(entries, current_groups, names):
    """Insert the entries: in an activity's present group if it has one, or in the named group."""
    columns = {"feed_id": "bigint", "activity_id": "uuid", "origin_id": "bigint"}
    columns |= {"group_id": "bigint", "name": "text"}
    rows = [
        (
            *(entry.feed, db_id(entry.activity), entry.origin),
            *(current_groups.get((entry.feed, entry.activity)), names[entry.activity]),
        )
        for entry in entries
    ]
    new_entries, parameters = inline_table("new_entry", columns, rows)
    execute(
        f"""
        INSERT INTO {ENTRY} (feed_id, activity_id, origin_id, group_id)
        SELECT feed_id, activity_id, origin_id, COALESCE(
            group_id,
            (
                SELECT named.id FROM {GROUP} named
                WHERE named.feed_id = new_entry.feed_id AND named.name = new_entry.name
            )
        )
        FROM {new_entries} WHERE TRUE
        ON CONFLICT DO NOTHING
        """,
        parameters,
    )


def _set_counts(by_group):
    columns = {"feed_id": "bigint", "name": "text"}
    rows = [(feed, name) for name, feed in by_group]
    counted, parameters = inline_table("counted", columns, rows)
    groups = f"""
        SELECT named.id FROM {counted} CROSS JOIN {GROUP} named
        WHERE named.feed_id = counted.feed_id AND named.name = counted.name"""
    set_counts(groups, parameters)

"""What was added to a feed before it was followed is copied into its new follower.

However many feeds are followed at once, the statements are as many: one for all flat followers,
some for each batch of a group that aggregates. Its activities are locked before its groups, as by
a fan-out that brings one of them by another way. Who meets the second of several batches may come
to a deadlock, and is repeated (`feedserver.database.atomically`).
"""

from typing import NamedTuple

from django.db import connection

from feedserver.aggregation import group_name
from feedserver.entries.group_counts import lock_groups, recount, set_counts
from feedserver.groups import get_group
from feedserver.models import Activity, Feed, FeedEntry
from feedserver.removed import returning
from feedserver.sql import ENTRY, GROUP, execute, fetch, key, table

# Copies of which Python has to know: what one batch holds in memory at most.
_COPIES_AT_ONCE = 10_000
# What names of groups are made of, and marks.
_NAMED_BY = ("actor", "verb", "object", "time")
_to_python = FeedEntry._meta.get_field("activity").to_python


class Wish(NamedTuple):
    """That the newest `limit` of what was added to `target` itself be copied into `source`."""

    source: Feed
    target: Feed
    limit: int


class _Copy(NamedTuple):
    """That `feed` shall hold `activity`, because of `origin`: keys of all three."""

    feed: int
    activity: object
    origin: int


def copy_history(wishes):
    """Fulfil a list of Wish."""
    by_slug = {}
    for wish in wishes:
        by_slug.setdefault(wish.source.slug, []).append(wish)
    groups = {slug: get_group(slug) for slug in sorted(by_slug)}
    flat = [wish for wish in wishes if not groups[wish.source.slug].aggregates]
    if flat:
        _copy_into_flat_feeds(flat)
    for slug, group in groups.items():
        for batch in _batches(by_slug[slug]) if group.aggregates else []:
            _copy_into_groups(group, batch)


def _batches(wishes):
    """Yield lists of wishes for so many copies; of those that want as many, as SQLite reads all."""
    batch, copies = [], 0
    for wish in sorted(wishes, key=lambda wish: (wish.limit, wish.source.pk, wish.target.pk)):
        if batch and copies + wish.limit > _COPIES_AT_ONCE:
            yield batch
            batch, copies = [], 0
        batch.append(wish)
        copies += wish.limit
    yield batch


def _copy_into_flat_feeds(wishes):
    newest, parameters = _newest(wishes)
    execute(
        f"""
        INSERT INTO {ENTRY} (feed_id, activity_id, origin_id)
        SELECT source_id, activity_id, target_id FROM ({newest}) newest WHERE TRUE
        ON CONFLICT DO NOTHING
        """,
        parameters,
    )


def _newest(wishes):
    """SQL: what shall be copied, each wish by the end of one range of an index; its parameters."""
    columns = {"source_id": "bigint", "target_id": "bigint", "copies": "bigint"}
    rows = [(wish.source.pk, wish.target.pk, wish.limit) for wish in wishes]
    wanted, parameters = table("wanted", columns, rows)
    added = f"""
        SELECT entry.activity_id FROM {ENTRY} entry
        WHERE entry.feed_id = wanted.target_id AND entry.origin_id = wanted.target_id
        ORDER BY entry.activity_id DESC LIMIT"""
    if connection.vendor == "postgresql":
        newest = f"""
            SELECT wanted.source_id, wanted.target_id, newest.activity_id
            FROM {wanted} CROSS JOIN LATERAL ({added} wanted.copies) newest"""
        return newest, parameters
    # SQLite has no LATERAL, but a table of what a function makes of the row before; and no LIMIT
    # that differs by row.
    newest = f"""
        SELECT wanted.source_id, wanted.target_id, newest.value AS activity_id
        FROM {wanted} CROSS JOIN json_each(
            (SELECT json_group_array(activity_id) FROM ({added} %s))
        ) newest
        WHERE newest.key < wanted.copies"""
    return newest, [*parameters, max(wish.limit for wish in wishes)]


def _copy_into_groups(group, wishes):
    sources = {wish.source.pk: wish.source for wish in wishes}
    newest, parameters = _newest(wishes)
    rows = fetch(f"SELECT source_id, activity_id, target_id FROM ({newest}) newest", parameters)
    copies = [_Copy(feed, _to_python(activity), origin) for feed, activity, origin in rows]
    locked = Activity.objects.select_for_update(no_key=True).order_by("pk")
    wanted = locked.filter(pk__in={one.activity for one in copies})
    activities = {row.pk: row for row in wanted.only(*_NAMED_BY)}
    copies = [one for one in copies if one.activity in activities]
    if copies:
        names = {pk: group_name(group, row) for pk, row in activities.items()}
        held = _groups_that_hold(copies)
        is_seen = _seen_on_entering(group, sources, activities)
        opened = {}
        for one in copies:
            if (one.feed, one.activity) not in held:
                opened.setdefault((names[one.activity], one.feed), []).append(one)
        _open_groups(opened, is_seen)
        _enter(copies, held, names)
        _count(opened)
        # What is followed again is counted anew, too.
        recount(sorted(set(held.values())))


def _groups_that_hold(copies):
    """Return the groups in which feeds hold activities already, locked: keys by feed and activity.

    There the activities stay, whatever their groups would be named today.
    """
    columns = {"feed_id": "bigint", "activity_id": "uuid"}
    pairs = sorted({(one.feed, one.activity) for one in copies})
    coming, parameters = table("coming", columns, [(feed, key(one)) for feed, one in pairs])
    group = f"""
        (
            SELECT entry.group_id FROM {ENTRY} entry
            WHERE entry.feed_id = coming.feed_id AND entry.activity_id = coming.activity_id LIMIT 1
        )"""
    lock_groups(f"SELECT {group} FROM {coming}", parameters)
    found = fetch(f"SELECT feed_id, activity_id, {group} FROM {coming}", parameters)
    return {
        (feed, _to_python(activity)): held for feed, activity, held in found if held is not None
    }


def _seen_on_entering(group, sources, activities):
    """Return the function that tells whether a copy enters seen and read; None: knows no marks."""
    if not group.has_marks:
        return lambda one: None
    back = returning([group], activities.values())
    return lambda one: (
        one.activity in back
        or (group.own_seen and activities[one.activity].actor == f"SU:{sources[one.feed].user_id}")
    )


def _open_groups(opened, is_seen):
    """Make the groups, or lock those that are there, in the order of names and feeds.

    What a new one says is put right by `_count`.
    """
    columns = {"place": "bigint", "feed_id": "bigint", "name": "text"}
    columns |= {"activity_id": "uuid", "is_seen": "boolean"}
    rows = []
    for place, ((name, feed), copies) in enumerate(sorted(opened.items())):
        # One that is news makes the group news.
        is_news = any(is_seen(one) is False for one in copies)
        seen = False if is_news else is_seen(copies[0])
        rows.append((place, feed, name, key(copies[0].activity), seen))
    opening, parameters = table("opening", columns, rows)
    execute(
        f"""
        INSERT INTO {GROUP}
            (feed_id, name, newest, oldest, activity_count, actor_count, is_seen, is_read)
        SELECT feed_id, name, activity_id, activity_id, 1, 1, is_seen, is_seen
        FROM {opening} WHERE TRUE ORDER BY place
        ON CONFLICT (feed_id, name) DO UPDATE SET
            is_seen = CASE WHEN excluded.is_seen THEN {GROUP}.is_seen ELSE excluded.is_seen END,
            is_read = CASE WHEN excluded.is_read THEN {GROUP}.is_read ELSE excluded.is_read END
        """,
        parameters,
    )


def _enter(copies, held, names):
    """Let feeds hold their copies, in the groups where they do already or in those of the names."""
    columns = {"feed_id": "bigint", "activity_id": "uuid", "origin_id": "bigint"}
    columns |= {"group_id": "bigint", "name": "text"}
    rows = [
        (
            *(one.feed, key(one.activity), one.origin),
            *(held.get((one.feed, one.activity)), names[one.activity]),
        )
        for one in copies
    ]
    entering, parameters = table("entering", columns, rows)
    execute(
        f"""
        INSERT INTO {ENTRY} (feed_id, activity_id, origin_id, group_id)
        SELECT feed_id, activity_id, origin_id, COALESCE(
            group_id,
            (
                SELECT opened.id FROM {GROUP} opened
                WHERE opened.feed_id = entering.feed_id AND opened.name = entering.name
            )
        )
        FROM {entering} WHERE TRUE
        ON CONFLICT DO NOTHING
        """,
        parameters,
    )


def _count(opened):
    columns = {"feed_id": "bigint", "name": "text"}
    rows = [(feed, name) for name, feed in opened]
    counted, parameters = table("counted", columns, rows)
    groups = f"""
        SELECT opened.id FROM {counted} CROSS JOIN {GROUP} opened
        WHERE opened.feed_id = counted.feed_id AND opened.name = counted.name"""
    set_counts(groups, parameters)

"""What feeds hold, newest first, as it is shown: one statement each, one range of an index."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from feedserver.models import Activity, ActivityGroup
from feedserver.rows import Rows
from feedserver.sql import ENTRY, FEED, fetch

_THE_FEED = f"(SELECT feed.id FROM {FEED} feed WHERE feed.slug = %s AND feed.user_id = %s)"
_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


class ActivityRow(NamedTuple):
    pk: UUID
    actor: str
    verb: str
    object: str
    target: str
    foreign_id: str
    time: datetime
    to: list
    data: dict


class Held(NamedTuple):
    """An activity that a feed holds, and the name of the feed that it was copied from, if it was.

    `group` is the key of the group that holds it in an aggregated feed.
    """

    activity: ActivityRow
    origin: str | None
    group: int | None


class GroupRow(NamedTuple):
    pk: int
    name: str
    newest: UUID
    oldest: UUID
    activity_count: int
    actor_count: int
    is_seen: bool | None
    is_read: bool | None


_ACTIVITIES, _GROUPS = Rows(Activity, ActivityRow), Rows(ActivityGroup, GroupRow)


def newest_activities(feed_id, page):
    """Return what is Held on a page of a feed, and one more if there is one.

    Each activity once, however many ways it came.
    """
    within, bounds = _within(page, "entry.activity_id")
    held = f"""
        {_entries("NULL")} WHERE entry.feed_id = {_THE_FEED} {within}
        GROUP BY entry.activity_id
        ORDER BY entry.activity_id DESC LIMIT %s OFFSET %s"""
    return _held(held, [*feed_id, *bounds, page.limit + 1, page.offset])


def newest_activities_of(groups, limit):
    """Return what is Held in each of `groups`, the newest `limit` activities."""
    if not groups:
        return []
    one = f"""
        SELECT * FROM (
            {_entries("entry.group_id")} WHERE entry.group_id = %s
            GROUP BY entry.group_id, entry.activity_id
            ORDER BY entry.activity_id DESC LIMIT %s
        ) part"""
    parameters = [value for group in groups for value in (group.pk, limit)]
    return _held(" UNION ALL ".join([one] * len(groups)), parameters)


def _entries(group):
    return f"""
        SELECT {group} AS group_id, entry.activity_id, MIN(entry.origin_id) AS origin_id,
            MAX(CASE WHEN entry.origin_id = entry.feed_id THEN 1 ELSE 0 END) AS direct
        FROM {ENTRY} entry"""


def _held(held, parameters):
    # The name by a subquery: PostgreSQL would rather hash all feeds than look up a few.
    origin = f"SELECT slug || ':' || user_id FROM {FEED} origin WHERE origin.id = held.origin_id"
    sql = f"""
        SELECT held.group_id, CASE WHEN held.direct = 0 THEN ({origin}) END,
            {_ACTIVITIES.of("activity")}
        FROM ({held}) held JOIN {_ACTIVITIES.table} activity ON activity.id = held.activity_id
        ORDER BY held.activity_id DESC"""
    return [
        Held(_ACTIVITIES.make(values), origin, group)
        for group, origin, *values in fetch(sql, parameters)
    ]


def newest_groups(feed_id, page):
    """Return the groups on a page of a feed, and one more if there is one."""
    within, bounds = _within(page, "one.newest")
    return _GROUPS.where(
        f"one.feed_id = {_THE_FEED} {within} ORDER BY one.newest DESC LIMIT %s OFFSET %s",
        [*feed_id, *bounds, page.limit + 1, page.offset],
    )


def _within(page, column):
    """SQL: that `column` lies within the bounds of a page, and its parameters."""
    key = Activity._meta.pk
    bounds = [key.get_db_prep_value(bound, connection) for bound in page.bounds.values()]
    return "".join(f" AND {column} {_SIGNS[name]} %s" for name in page.bounds), bounds

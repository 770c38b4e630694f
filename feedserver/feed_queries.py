"""Queries for a page of a feed, newest first: one statement each, along one range of an index."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from feedserver.models import Activity, ActivityGroup
from feedserver.row_mapper import RowMapper
from feedserver.sql import ENTRY, FEED, fetch

_FEED_KEY = f"(SELECT feed.id FROM {FEED} feed WHERE feed.slug = %s AND feed.user_id = %s)"
_OPERATORS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


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


class FeedItem(NamedTuple):
    """An activity in a feed.

    `origin` is the id of the feed it was copied from, if it was not added here; `group` the key of
    its group in an aggregated feed.
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


_ACTIVITIES = RowMapper(Activity, ActivityRow)
_GROUPS = RowMapper(ActivityGroup, GroupRow)


def newest_activities(feed_id, page):
    """Return the FeedItems of a page of a feed, and one more if there is one.

    An activity with several origins is returned once.
    """
    condition, bounds = _within_bounds(page, "entry.activity_id")
    items = f"""
        {_entries("NULL")} WHERE entry.feed_id = {_FEED_KEY} {condition}
        GROUP BY entry.activity_id
        ORDER BY entry.activity_id DESC LIMIT %s OFFSET %s"""
    return _fetch_items(items, [*feed_id, *bounds, page.limit + 1, page.offset])


def newest_activities_of_groups(groups, limit):
    """Return the FeedItems of each of `groups`: the newest `limit` activities."""
    if not groups:
        return []
    query = f"""
        SELECT * FROM (
            {_entries("entry.group_id")} WHERE entry.group_id = %s
            GROUP BY entry.group_id, entry.activity_id
            ORDER BY entry.activity_id DESC LIMIT %s
        ) part"""
    parameters = [value for group in groups for value in (group.pk, limit)]
    return _fetch_items(" UNION ALL ".join([query] * len(groups)), parameters)


def _entries(group):
    return f"""
        SELECT {group} AS group_id, entry.activity_id, MIN(entry.origin_id) AS origin_id,
            MAX(CASE WHEN entry.origin_id = entry.feed_id THEN 1 ELSE 0 END) AS direct
        FROM {ENTRY} entry"""


def _fetch_items(items, parameters):
    # The origin by a subquery: with a join PostgreSQL hashes all feeds to look up a few.
    origin = f"SELECT slug || ':' || user_id FROM {FEED} origin WHERE origin.id = item.origin_id"
    sql = f"""
        SELECT item.group_id, CASE WHEN item.direct = 0 THEN ({origin}) END,
            {_ACTIVITIES.columns("activity")}
        FROM ({items}) item JOIN {_ACTIVITIES.table} activity ON activity.id = item.activity_id
        ORDER BY item.activity_id DESC"""
    return [
        FeedItem(_ACTIVITIES.make_row(values), origin, group)
        for group, origin, *values in fetch(sql, parameters)
    ]


def newest_groups(feed_id, page):
    """Return the groups of a page of a feed, and one more if there is one."""
    condition, bounds = _within_bounds(page, "record.newest")
    return _GROUPS.filter(
        f"record.feed_id = {_FEED_KEY} {condition} ORDER BY record.newest DESC LIMIT %s OFFSET %s",
        [*feed_id, *bounds, page.limit + 1, page.offset],
    )


def _within_bounds(page, column):
    """Return an SQL condition that `column` is within the bounds of a page, and its parameters."""
    key = Activity._meta.pk
    bounds = [key.get_db_prep_value(bound, connection) for bound in page.bounds.values()]
    return "".join(f" AND {column} {_OPERATORS[name]} %s" for name in page.bounds), bounds

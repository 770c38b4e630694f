"""Pages of feeds in the order of ids, newest first, and activities by their ids."""

from dataclasses import dataclass
from typing import NamedTuple

from feedserver import ids
from feedserver.activities import render_activity
from feedserver.errors import InvalidInput
from feedserver.feed_queries import (
    newest_activities,
    newest_activities_of_groups,
    newest_groups,
)
from feedserver.groups import get_group
from feedserver.marks import Marks, mark
from feedserver.models import Activity
from feedserver.parameters import read_number
from feedserver.sql import FEED, GROUP, fetch
from feedserver.times import activity_time

DEFAULT_LIMIT = 25
MAX_LIMIT = 100
BOUNDS = ("lt", "lte", "gt", "gte")
# Parameters that the address of the next page must not repeat.
DROPPED_PARAMETERS = {
    *("api_key", "location", "offset", "id_lt", "id_lte", "mark_seen", "mark_read"),
}


@dataclass(frozen=True)
class Page:
    """The part of a feed that a request asks for.

    `bounds` maps lt, lte, gt and gte to ids. Activities by `discarded_actors` are left out of flat
    feeds.
    """

    limit: int
    offset: int
    bounds: dict
    discarded_actors: frozenset
    path: str
    query: object

    def respond(self, results, rows, wire_id):
        """Return `{"results", "next"}`; `wire_id` is a function that returns the id of a row.

        `rows` has one row more than the page if there is one.
        """
        has_more = len(rows) > self.limit
        next_page = self._next(wire_id(rows[self.limit - 1])) if has_more else ""
        return {"results": results, "next": next_page}

    def _next(self, last_id):
        """Return the address of the page after `last_id`, relative to the host."""
        query = self.query.copy()
        for name in DROPPED_PARAMETERS:
            query.pop(name, None)
        query["id_lt"] = last_id
        query["limit"] = str(self.limit)
        return f"{self.path}?{query.urlencode()}"


def read_page(request):
    """Return the Page in the query string of `request`."""
    query = request.GET
    separator = query.get("discard_actors_sep") or ","
    return Page(
        limit=read_number(query, "limit", default=DEFAULT_LIMIT, maximum=MAX_LIMIT),
        offset=read_number(query, "offset", default=0),
        bounds={
            name: _read_bound(query[f"id_{name}"], name)
            for name in BOUNDS
            if query.get(f"id_{name}")
        },
        discarded_actors=frozenset(query.get("discard_actors", "").split(separator)),
        path=request.path,
        query=query,
    )


def _read_bound(text, name):
    # The id of a group is "<activity id>" or "<activity id>.<name of the group>".
    bound = ids.boundary(text.partition(".")[0])
    if bound is None:
        raise InvalidInput(f"'id_{name}' must be an activity id.", field=f"id_{name}")
    return bound


def flat_page(feed_id, page, marks=None):
    """Return `{"results", "next"}` of a flat feed, in one query.

    Discarded activities are not replaced by older ones: the page is shorter.
    """
    items = newest_activities(feed_id, page) if page.limit else []
    results = [
        render_activity(item.activity, item.origin)
        for item in items[: page.limit]
        if item.activity.actor not in page.discarded_actors
    ]
    return page.respond(results, items, lambda item: ids.to_wire(item.activity.pk))


def aggregated_page(feed_id, page, marks=None):
    """Return `{"results", "next"}` of an aggregated feed, in two queries."""
    groups = newest_groups(feed_id, page) if page.limit else []
    results = _render_groups(feed_id, groups[: page.limit], _group_id)
    return page.respond(results, groups, _group_id)


def _group_id(group):
    return ids.to_wire(group.newest)


def notification_page(feed_id, page, marks):
    """Return a page of groups with their marks, and the numbers of unseen and unread groups.

    The groups that `marks` names are marked afterwards: the response has the state before.
    """
    feed = _count_unmarked(feed_id)
    groups = newest_groups(feed_id, page) if feed and page.limit else []
    page_groups = groups[: page.limit]
    results = _render_groups(feed_id, page_groups, _marked_group_id)
    by_name = {group.name: group for group in page_groups}
    for result in results:
        group = by_name[result["group"]]
        result |= {"is_seen": group.is_seen, "is_read": group.is_read}
    counts = {name: getattr(feed, name, 0) for name in ("unseen", "unread")}
    # Do not write if there is nothing to mark: on SQLite a write waits for every other.
    due = Marks(marks.seen if counts["unseen"] else "", marks.read if counts["unread"] else "")
    if due:
        mark(feed.pk, due, page_groups)
    return {**page.respond(results, groups, _marked_group_id), **counts}


def _marked_group_id(group):
    return f"{_group_id(group)}.{group.name}"


class _UnmarkedCounts(NamedTuple):
    """The key of a feed, and the numbers of its groups that are `unseen` and `unread`."""

    pk: int
    unseen: int
    unread: int


def _count_unmarked(feed_id):
    """Return the _UnmarkedCounts of a feed, or None if it has no row.

    One query; each count has an index of its own. Not a queryset: every page runs this.
    """
    count = f"(SELECT COUNT(*) FROM {GROUP} unmarked WHERE unmarked.feed_id = feed.id AND NOT"
    rows = fetch(
        f"""
        SELECT feed.id, {count} unmarked.is_seen), {count} unmarked.is_read)
        FROM {FEED} feed WHERE feed.slug = %s AND feed.user_id = %s
        """,
        [feed_id.slug, feed_id.user_id],
    )
    return _UnmarkedCounts(*rows[0]) if rows else None


def _render_groups(feed_id, groups, wire_id):
    activities = {}
    for item in newest_activities_of_groups(groups, get_group(feed_id.slug).activities):
        activities.setdefault(item.group, []).append(render_activity(item.activity, item.origin))
    return [
        _render_group(group, activities[group.pk], wire_id(group))
        for group in groups
        if group.pk in activities
    ]


def _render_group(group, activities, group_id):
    return {
        "activities": activities,
        "activity_count": group.activity_count,
        "actor_count": group.actor_count,
        "created_at": activity_time(ids.time_of(group.oldest)),
        "updated_at": activity_time(ids.time_of(group.newest)),
        "group": group.name,
        "id": group_id,
        "verb": activities[0]["verb"],
    }


def activities_by_id(wire_ids):
    """Return the existing activities of `wire_ids`, rendered, in that order."""
    return _activities([ids.from_wire(text) for text in wire_ids])


def activities_by_foreign_id(pairs):
    """Return the existing activities of pairs of foreign id and time, rendered, in that order."""
    return _activities([ids.id_of_foreign_id(foreign_id, moment) for foreign_id, moment in pairs])


def _activities(keys):
    rows = Activity.objects.in_bulk([key for key in keys if key])
    return [render_activity(rows[key]) for key in dict.fromkeys(keys) if key in rows]


# By the type of the group; each takes a feed id, a Page and Marks, and returns the response.
READERS = {"flat": flat_page, "aggregated": aggregated_page, "notification": notification_page}

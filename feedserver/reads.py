"""Reading feeds and activities: pages in the order of ids, newest first."""

from dataclasses import dataclass
from typing import NamedTuple

from feedserver import ids
from feedserver.activities import render_activity
from feedserver.errors import InvalidInput
from feedserver.groups import get_group
from feedserver.held import newest_activities, newest_activities_of, newest_groups
from feedserver.marks import Marks, mark
from feedserver.models import Activity
from feedserver.parameters import read_number
from feedserver.sql import FEED, GROUP, fetch
from feedserver.times import activity_time

DEFAULT_LIMIT = 25
HIGHEST_LIMIT = 100
BOUNDS = ("lt", "lte", "gt", "gte")
# What the address of the next page must not carry on.
NOT_CARRIED = {"api_key", "location", "offset", "id_lt", "id_lte", "mark_seen", "mark_read"}


@dataclass(frozen=True)
class Page:
    """What part of a feed is asked for; `bounds` maps lt, lte, gt and gte to ids.

    `discarded` are actors whose activities a flat feed is read without.
    """

    limit: int
    offset: int
    bounds: dict
    discarded: frozenset
    path: str
    query: object

    def answer(self, results, rows, name):
        """Return `{"results", "next"}`; `name` tells the id on the wire of a row.

        `rows` has one more than is shown if there is one.
        """
        more = len(rows) > self.limit
        return {"results": results, "next": self._next(name(rows[self.limit - 1])) if more else ""}

    def _next(self, last_id):
        """Return the address of the page behind `last_id`, relative to the host."""
        query = self.query.copy()
        for name in NOT_CARRIED:
            query.pop(name, None)
        query["id_lt"] = last_id
        query["limit"] = str(self.limit)
        return f"{self.path}?{query.urlencode()}"


def read_page(request):
    """Return the Page that the query string of `request` asks for."""
    query = request.GET
    return Page(
        limit=read_number(query, "limit", default=DEFAULT_LIMIT, maximum=HIGHEST_LIMIT),
        offset=read_number(query, "offset", default=0),
        bounds={
            name: _bound(query[f"id_{name}"], name) for name in BOUNDS if query.get(f"id_{name}")
        },
        discarded=frozenset(_discarded(query)),
        path=request.path,
        query=query,
    )


def _discarded(query):
    separator = query.get("discard_actors_sep") or ","
    return query.get("discard_actors", "").split(separator)


def _bound(text, name):
    bound = ids.boundary(_activity_part(text))
    if bound is None:
        raise InvalidInput(f"'id_{name}' must be an activity id.", field=f"id_{name}")
    return bound


def _activity_part(group_id):
    """Return the activity's id in the id of a group ("<id>" or "<id>.<name of the group>")."""
    return group_id.partition(".")[0]


def flat_page(feed_id, page, marks=None):
    """Return `{"results", "next"}` of a flat feed: one query, whatever it holds.

    What is by discarded actors leaves its place on the page empty: nothing is read instead of it.
    """
    held = newest_activities(feed_id, page) if page.limit else []
    results = [
        render_activity(one.activity, one.origin)
        for one in held[: page.limit]
        if one.activity.actor not in page.discarded
    ]
    return page.answer(results, held, lambda one: ids.to_wire(one.activity.pk))


def aggregated_page(feed_id, page, marks=None):
    """Return `{"results", "next"}` of an aggregated feed: two queries, whatever it holds."""
    groups = newest_groups(feed_id, page) if page.limit else []
    results = _render_groups(feed_id, groups[: page.limit], _group_id)
    return page.answer(results, groups, _group_id)


def _group_id(group):
    return ids.to_wire(group.newest)


def notification_page(feed_id, page, marks):
    """Return a page of groups with their marks, and how many groups are unseen and unread.

    What `marks` asks to be marked is marked after it was read: the answer tells the state before.
    """
    feed = _counts_of(feed_id)
    groups = newest_groups(feed_id, page) if feed and page.limit else []
    shown = groups[: page.limit]
    results = _render_groups(feed_id, shown, _marked_group_id)
    by_name = {group.name: group for group in shown}
    for result in results:
        group = by_name[result["group"]]
        result |= {"is_seen": group.is_seen, "is_read": group.is_read}
    counts = {name: getattr(feed, name, 0) for name in ("unseen", "unread")}
    # Nothing to mark is nothing to write: on SQLite a write waits for every other.
    due = Marks(marks.seen if counts["unseen"] else "", marks.read if counts["unread"] else "")
    if due:
        mark(feed.pk, due, shown=shown)
    return {**page.answer(results, groups, _marked_group_id), **counts}


def _marked_group_id(group):
    return f"{_group_id(group)}.{group.name}"


class _Counts(NamedTuple):
    """The key of a feed, and how many of its groups are `unseen` and `unread`."""

    pk: int
    unseen: int
    unread: int


def _counts_of(feed_id):
    """Return the _Counts of a feed, or None if there is no such feed.

    One query; each count has an index of its own. Not compiled anew: every page asks this.
    """
    number = f"(SELECT COUNT(*) FROM {GROUP} one WHERE one.feed_id = feed.id AND NOT"
    rows = fetch(
        f"""
        SELECT feed.id, {number} one.is_seen), {number} one.is_read)
        FROM {FEED} feed WHERE feed.slug = %s AND feed.user_id = %s
        """,
        [feed_id.slug, feed_id.user_id],
    )
    return _Counts(*rows[0]) if rows else None


def _render_groups(feed_id, groups, name):
    newest = {}
    for one in newest_activities_of(groups, get_group(feed_id.slug).activities):
        newest.setdefault(one.group, []).append(render_activity(one.activity, one.origin))
    return [
        _render_group(group, newest[group.pk], name(group))
        for group in groups
        if group.pk in newest
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
    """Return the known ones of `wire_ids`, rendered, in the order asked for."""
    wanted = [ids.from_wire(text) for text in wire_ids]
    found = Activity.objects.in_bulk([activity_id for activity_id in wanted if activity_id])
    return [render_activity(found[key]) for key in dict.fromkeys(wanted) if key in found]


def activities_by_foreign_id(pairs):
    """Return the known activities of `pairs` of foreign id and time, rendered, in that order."""
    wanted = [ids.id_of_foreign_id(foreign_id, moment) for foreign_id, moment in pairs]
    found = Activity.objects.in_bulk(wanted)
    return [render_activity(found[key]) for key in dict.fromkeys(wanted) if key in found]


# By the type of the group; each takes a feed's id, a Page and Marks, and returns the answer.
READERS = {"flat": flat_page, "aggregated": aggregated_page, "notification": notification_page}

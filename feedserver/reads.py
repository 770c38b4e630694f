"""Reading feeds and activities: pages in the order of ids, newest first."""

from dataclasses import dataclass

from django.db.models import Case, F, Max, Min, When

from feedserver import ids
from feedserver.activities import render_activity
from feedserver.database import find_feed
from feedserver.errors import InvalidInput
from feedserver.models import Activity, Feed, FeedEntry
from feedserver.parameters import read_number

DEFAULT_LIMIT = 25
HIGHEST_LIMIT = 100
BOUNDS = ("lt", "lte", "gt", "gte")
# What the address of the next page must not carry on.
NOT_CARRIED = {"api_key", "location", "offset", "id_lt", "id_lte", "mark_seen", "mark_read"}


@dataclass(frozen=True)
class Page:
    """What part of a feed is asked for; `bounds` maps lt, lte, gt and gte to ids."""

    limit: int
    offset: int
    bounds: dict
    path: str
    query: object

    def next(self, last_id):
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
        path=request.path,
        query=query,
    )


def _bound(text, name):
    bound = ids.boundary(text)
    if bound is None:
        raise InvalidInput(f"'id_{name}' must be an activity id.", field=f"id_{name}")
    return bound


def flat_page(feed_id, page):
    """Return `{"results", "next"}` of a flat feed: three queries, whatever it holds."""
    feed = find_feed(feed_id)
    held = list(_entries(feed, page)) if feed and page.limit else []
    shown = held[: page.limit]
    activities = Activity.objects.in_bulk([row["activity_id"] for row in shown])
    origins = Feed.objects.in_bulk({row["origin"] for row in shown if not row["direct"]})
    results = [
        render_activity(
            activities[row["activity_id"]],
            origin=None if row["direct"] else str(origins[row["origin"]]),
        )
        for row in shown
        if row["activity_id"] in activities
    ]
    more = len(held) > page.limit
    return {
        "results": results,
        "next": page.next(ids.to_wire(shown[-1]["activity_id"])) if more else "",
    }


def _entries(feed, page):
    """Each activity once, however many ways it came: one range of an index, and one row more."""
    entries = FeedEntry.objects.filter(
        feed=feed, **{f"activity_id__{name}": bound for name, bound in page.bounds.items()}
    )
    direct = Max(Case(When(origin=F("feed"), then=1), default=0))
    grouped = entries.values("activity_id").annotate(direct=direct, origin=Min("origin_id"))
    stop = page.offset + page.limit + 1
    return grouped.order_by("-activity_id")[page.offset : stop]


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


# By the type of the group; each takes a feed's id and a Page, and returns the answer's fields.
READERS = {"flat": flat_page}

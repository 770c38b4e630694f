"""Comparison of the database with Stream: users, objects, and feeds that follow nothing.

Everything is read through Stream's API, in batches; nothing is written.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from stream_django.feed_manager import feed_manager

from feeds import feed_mapping
from feeds.feed_mapping import subject_of
from feeds.models import OutboxEntry
from feeds.stream import api
from transactions import in_batches

# Fields of an activity that Stream adds.
ADDED_FIELDS = {"id", "origin"}


@dataclass(frozen=True)
class Difference:
    """A difference between Stream and the database.

    `where` is the feed ("user:7"), user or object; `about` names the rows and feeds concerned, as
    subjects and keys of the outbox do. It is repaired by `row_fix`, an operation on a row, or by
    `feed_fixes`, operations on the feed (`repair.REPAIRS`) and their arguments.
    """

    where: str
    text: str
    about: set
    row_fix: tuple[str, Any] | None = None
    feed_fixes: list[tuple] = ()


def without_pending(differences, since, own_entries):
    """Return the differences that no outbox entry is about to change.

    Entries delivered after `since`, when reading began, may have changed Stream between two reads.
    Entries for other destinations do not count, nor `own_entries` (their keys), which repair what
    was found on the same feed before.
    """
    about = {name for difference in differences for name in difference.about}
    entries = OutboxEntry.objects.here().filter(
        Q(subject__in=about) | Q(key__in=about),
        Q(state=OutboxEntry.State.PENDING) | Q(delivered_at__gte=since),
    )
    rows = entries.values_list("pk", "subject", "key").iterator()
    pending = {name for pk, *names in rows if pk not in own_entries for name in names}
    return [difference for difference in differences if not pending & difference.about]


def compare_records(kind, rows):
    """Yield the Differences of users or objects (`kind`), for a batch of rows of one model."""
    keys = [str(row.pk) for row in rows]
    if kind == "user":
        prefix, actual = "SU", api.get_users(keys)
    else:
        collection = rows[0].stream_object_collection
        prefix, actual = f"SO:{collection}", api.get_objects(collection, keys)
    for key, row in zip(keys, rows, strict=True):
        expected, data = getattr(row, f"stream_{kind}_data"), actual.get(key)
        if data != expected:
            text = "is not as it should be" if expected else "is too much"
            text = "is missing" if data is None else text
            fix = (f"set_{kind}" if expected else f"delete_{kind}", row)
            yield Difference(f"{prefix}:{key}", text, {subject_of(row)}, row_fix=fix)


def compare_feed(feed):
    """Yield the Differences of a feed that follows nothing, from the newest to the oldest.

    Page by page with the rows of the same time, so that neither is held as a whole.
    """
    until, carried = None, []
    for page, is_last in api.pages(feed):
        since = None if is_last or not page else api.time_of(page[-1]["id"])
        items = {item["id"]: item for item in [*carried, *page]}
        # The next page may have more activities of the exact time at which this one ends.
        carried = [item for item in items.values() if since and api.time_of(item["id"]) <= since]
        for item in carried:
            del items[item["id"]]
        yield from _compare_window(feed, items, since, until)
        until = since or until


def _compare_window(feed, items, since, until):
    """Compare activities, by id, with the rows created after `since` and up to `until`."""
    matched = set()
    public_rows = feed_mapping.rows_on(feed.group, [feed.pk], gt=since, lte=until)
    for rows in in_batches(public_rows, api.MAX_PAGE_SIZE):
        activities = [feed_mapping.activity_of(row) for row in rows]
        known = api.find_activities(activities)
        for row, activity in zip(rows, activities, strict=True):
            item = items.get(known.get(activity["foreign_id"], {}).get("id"))
            matched |= {item["id"]} if item else set()
            about = {subject_of(row), str(feed), feed_manager.activity_feed(row)}
            for text, operation in _compare_activity(feed, row, activity, item):
                text = f"{activity['foreign_id']} {text}"
                yield Difference(str(feed), text, about, row_fix=(operation, row))
    yield from (unexpected(feed, item) for key, item in items.items() if key not in matched)


def _compare_activity(feed, row, expected, item):
    """Yield what is wrong with an activity on a feed, and the operation that repairs it."""
    if item is None:
        yield "is missing", "add"
    elif str(feed) == feed_manager.activity_feed(row):  # its content is compared there alone
        if fields := differing_fields(expected, item):
            yield f"has another {', '.join(fields)}", "update"
        if set(expected.get("to", ())) != set(item.get("to", ())):
            yield "is addressed to other feeds", "set_targets"


def differing_fields(expected, item):
    """Return the names of the fields in which an activity differs, `to` apart."""
    actual = {name: value for name, value in item.items() if name not in ADDED_FIELDS}
    expected = {"target": "", **expected}
    names = (actual.keys() | expected.keys()) - {"to"}
    return sorted(name for name in names if actual.get(name) != expected.get(name))


def unexpected(feed, item, fix=None):
    """Return the Difference that no row explains an activity on a feed."""
    text = f"{item['foreign_id'] or item['id']} ({item['time']}) is too much"
    fix = fix or ("remove", item["id"], item["foreign_id"])
    return Difference(str(feed), text, {item["foreign_id"], str(feed)}, feed_fixes=[fix])

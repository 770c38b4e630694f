"""Comparing what the database says with what Stream has: users, objects, and what is on a feed.

Everything is read through Stream's API, in batches; nothing is written. Each function yields
Differences.
"""

from itertools import islice

from stream_django.feed_manager import feed_manager

from feeds import asking, feed_mapping
from feeds.differences import Difference
from feeds.feed_mapping import subject_of

# Fields of an activity that Stream adds.
ADDED = {"id", "origin"}


def in_batches(rows, size=asking.MOST):
    rows = iter(rows)
    while some := list(islice(rows, size)):
        yield some


def compare_users(rows):
    """Compare the users of a batch of people: those who are to have one, and those who are not."""
    held = asking.users([str(row.pk) for row in rows])
    for row in rows:
        yield from _compare_record(f"SU:{row.pk}", row, row.stream_user_data, held, "user")


def compare_objects(rows):
    """Compare the objects of a batch of rows of one model."""
    collection = rows[0].stream_object_collection
    held = asking.objects(collection, [str(row.pk) for row in rows])
    for row in rows:
        name = f"SO:{collection}:{row.pk}"
        yield from _compare_record(name, row, row.stream_object_data, held, "object")


def _compare_record(where, row, wanted, held, kind):
    """Compare the data of a user or an object: both are set and deleted as a whole."""
    have = held.get(str(row.pk))
    if have == wanted:
        return
    text = "is missing" if have is None else "is not as it should be" if wanted else "is too much"
    operation = f"set_{kind}" if wanted else f"delete_{kind}"
    subjects = frozenset({subject_of(row)})
    yield Difference(where, text, subjects, row_remedies=((operation, row),))


def compare_feed(feed):
    """Compare a feed that follows nothing, from the newest activity to the oldest.

    Page by page with the rows of the same time, so that neither is held as a whole.
    """
    until, carried = None, []
    for page, is_last in asking.pages(feed):
        after = None if is_last or not page else asking.time_in(page[-1]["id"])
        items = {item["id"]: item for item in [*carried, *page]}
        # Those of the very moment at which a page ends may go on behind it.
        carried = [one for one in items.values() if after and asking.time_in(one["id"]) <= after]
        for item in carried:
            del items[item["id"]]
        yield from _compare_window(feed, items, after, until)
        until = after or until


def _compare_window(feed, items, after, until):
    """Compare the activities (by id) and the rows after a moment and until another."""
    accounted = set()
    for rows in in_batches(feed_mapping.rows_on(feed.group, [feed.pk], gt=after, lte=until)):
        wanted = [feed_mapping.activity_of(row) for row in rows]
        held = asking.named(wanted)
        for row, activity in zip(rows, wanted, strict=True):
            known = held.get(activity["foreign_id"], {})
            item = items.get(known.get("id"))
            if item:
                accounted.add(item["id"])
            yield from _compare_row(feed, row, activity, item)
    for item in items.values():
        if item["id"] not in accounted:
            yield stray(feed, item)


def _compare_row(feed, row, wanted, item):
    name = wanted["foreign_id"]
    about = {
        "subjects": frozenset({subject_of(row)}),
        "keys": frozenset({str(feed), feed_manager.activity_feed(row)}),
    }
    if item is None:
        yield Difference(str(feed), f"{name} is missing", **about, row_remedies=(("add", row),))
        return
    if str(feed) != feed_manager.activity_feed(row):
        return  # its own feed is where its content is looked at
    fields = differing_fields(wanted, item)
    if fields:
        text = f"{name} has another {', '.join(fields)}"
        yield Difference(str(feed), text, **about, row_remedies=(("update", row),))
    if set(wanted.get("to", ())) != set(item.get("to", ())):
        text = f"{name} is addressed to other feeds"
        yield Difference(str(feed), text, **about, row_remedies=(("set_targets", row),))


def differing_fields(wanted, item):
    """Return the names of the fields in which an activity differs, `to` apart."""
    have = {name: value for name, value in item.items() if name not in ADDED}
    want = {"target": "", **wanted}
    names = (have.keys() | want.keys()) - {"to"}
    return sorted(name for name in names if have.get(name) != want.get(name))


def stray(feed, item, **remedies):
    """Return the difference that a feed holds something which no row accounts for there."""
    name = item["foreign_id"] or item["id"]
    return Difference(
        str(feed),
        f"{name} ({item['time']}) is too much",
        frozenset({item["foreign_id"]}),
        frozenset({str(feed)}),
        feed_remedies=remedies or {"remove": [[item["id"], item["foreign_id"]]]},
    )

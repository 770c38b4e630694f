"""Handlers that send each kind of outbox entry to Stream. All operations are idempotent."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby, islice

from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds import feed_mapping
from feeds.feed_mapping import FeedName, subject_of
from feeds.models import OutboxEntry
from feeds.signals import activity_delivered
from feeds.stream.errors import Gone, Temporary, call, ignore_missing

STEP_ROWS = 100
# A step ends well within the lease of a claim (`claims.LEASE`), however slow Stream is.
STEP_SECONDS = 20
# Stream's limit for the activities that a follow copies.
MAX_COPIED = 1000
# Handlers by operation: of several entries by one call, and of one entry step by step.
BATCHED, SINGLE = {}, {}
# The lists in `details` by which an entry of an operation can be split.
DIVISIBLE = {"unfollow_many": ("pairs", "activities"), "delete_object": ("ids",)}


def handles(operation, *, batched=False):
    """Register the decorated function as the handler of an operation."""

    def register(handler):
        (BATCHED if batched else SINGLE)[operation] = handler
        return handler

    return register


@dataclass(frozen=True)
class Step:
    """The part of a long entry that is done before others get their turn: at least one row.

    `holds` returns whether the claim on the entry still stands, and renews its lease in time.
    """

    rows: int
    deadline: float
    holds: Callable = lambda: True

    @property
    def is_over(self):
        return time.monotonic() > self.deadline or not self.holds()

    def check_claim(self):
        """Raise Temporary, between two calls, if another process may have claimed the entry."""
        if not self.holds():
            raise Temporary(TimeoutError("the lease ended"))


def perform(entries, *, step=STEP_ROWS, seconds=STEP_SECONDS, holds=lambda: True):
    """Send `entries` to Stream; return False if a part is left to do.

    Several entries are of one operation that is BATCHED, any other is alone. A long one is done up
    to `step` rows of it, or for `seconds`, while the claim `holds`; what is done is taken off its
    `details`, or noted there, even if the next call fails.

    The payload is read from the rows now, so that a retry never sends anything older than the
    database: a row that is gone, or not public, is not sent, and what is public again is not
    removed, in whatever order keys are delivered. Raises `errors.CallFailed`, or whatever a row
    raises.
    """
    operation = entries[0].operation
    if operation in BATCHED:
        BATCHED[operation](entries)
        return True
    return SINGLE[operation](entries[0], Step(step, time.monotonic() + seconds, holds)) is not False


@handles("add", batched=True)
def add(entries):
    """Add activities to the one feed that `entries` are for."""
    rows = load_public_rows(entries)
    if not rows:
        return
    activities = [row.create_activity() for row in rows.values()]
    answers = call(get_feed(entries[0].key).add_activities, activities)["activities"]
    ids = {subject: answer["id"] for subject, answer in zip(rows, answers, strict=True)}
    for subject in rows.keys() - load_public_rows(entries).keys():
        # Deleted or hidden meanwhile: its removal may have been sent before, under another key.
        feed_manager.deleted(rows[subject])
    for model, items in groupby(rows.items(), key=lambda item: type(item[1])):
        delivered = {row.pk: ids[subject] for subject, row in items}
        activity_delivered.send(sender=model, ids=delivered)


@handles("update", batched=True)
def update(entries):
    if rows := load_public_rows(entries):
        activities = [row.create_activity() for row in rows.values()]
        call(stream_client.update_activities, activities)


@handles("follow", batched=True)
def follow(entries):
    rows, follows = load_rows(entries), []
    for row in rows.values():
        for source, target, limit in row.stream_follows:
            pair, limit = {"source": source, "target": target}, copy_limit(target, row, limit)
            follows.append(pair if limit is None else {**pair, "activity_copy_limit": limit})
    if follows:
        call(stream_client.follow_many, follows)
    for subject in rows.keys() - load_rows(entries).keys():
        # Deleted meanwhile, maybe under another key.
        row = rows[subject]
        feed_manager.unfollowed([row], key=row.stream_followed_feed, subject=row)


def copy_limit(target, row, limit):
    """Return how many activities of `target` the follow of a row copies; None for Stream's usual.

    Without history (0) it is those that came after the row and are there by now: none for one that
    is sent at once, or before what came after it.
    """
    if limit is None or limit:
        return limit
    feed = parse_feed(target)
    later = feed_mapping.rows_on(feed.group, [feed.pk], gt=row.created_at)
    subjects = {subject_of(row) for row in islice(later, MAX_COPIED)}
    if not subjects:
        return 0
    adds = OutboxEntry.objects.here().undelivered().filter(key=target, operation="add")
    return len(subjects.difference(adds.values_list("subject", flat=True)))


@handles("set_object", batched=True)
def set_object(entries):
    rows = {subject: row for subject, row in load_rows(entries).items() if row.stream_object_data}
    by_collection = {}
    for row in rows.values():
        objects = by_collection.setdefault(row.stream_object_collection, [])
        objects.append({"id": str(row.pk), **row.stream_object_data})
    for collection, objects in by_collection.items():
        call(stream_client.collections.upsert, collection, objects)
    now = load_rows(entries)
    for subject, row in rows.items():
        if not (subject in now and now[subject].stream_object_data):
            feed_manager.delete_object(row)


@handles("remove")
def remove(entry, step):
    remove_activity(entry.key, entry.details["foreign_id"])


def remove_activity(feed, foreign_id):
    """Remove an activity from a feed, unless its row says that it belongs there.

    If it belongs there afterwards, queue it anew: it may have been restored, and sent under another
    key, during the call, or before the same removal was sent a second time.
    """
    activity = feed, foreign_id
    if not feed_mapping.belongs_on([activity]):
        with ignore_missing():
            call(get_feed(feed).remove_activity, foreign_id=foreign_id)
    feed_manager.saved_many(feed_mapping.belongs_on([activity]).values(), at_once=False)


@handles("set_targets")
def set_targets(entry, step):
    """Address the activity of a row to exactly the feeds that its row names."""
    for row in load_public_rows([entry]).values():
        activity = feed_mapping.activity_of(row)
        name, targets = (activity["foreign_id"], activity["time"]), activity.get("to", [])
        call(get_feed(entry.key).update_activity_to_targets, *name, new_targets=targets)


@handles("empty_feed")
def empty_feed(entry, step):
    """Remove all activities of a feed that do not belong there; `details` note the progress."""
    feed, before = get_feed(entry.key), entry.details.get("before")
    bounds = {"id_lt": before} if before else {}
    activities = call(feed.get, limit=min(step.rows, STEP_ROWS), **bounds)["results"]
    placed = feed_mapping.belongs_on(
        [(entry.key, activity["foreign_id"]) for activity in activities]
    )
    for activity in activities:
        if (entry.key, activity["foreign_id"]) in placed:
            entry.details = {**entry.details, "before": activity["id"]}
        else:
            with ignore_missing():
                call(feed.remove_activity, activity["id"])
            entry.details = {**entry.details, "removed": entry.details.get("removed", 0) + 1}
        if step.is_over:
            break
    return not activities


@handles("unfollow_many")
def unfollow_many(entry, step):
    """End follows that no row declares, and remove the activities about them.

    `details` keep what is left.
    """
    if pairs := entry.details["pairs"]:
        batch = pairs[: step.rows]
        declared_pairs = feed_mapping.current_follows(batch)
        ended = [
            {"source": source, "target": target}
            for source, target in batch
            if (source, target) not in declared_pairs
        ]
        if ended:
            call(stream_client.unfollow_many, ended)
        entry.details = {**entry.details, "pairs": pairs[step.rows :]}
    for activity in entry.details["activities"][: step.rows]:
        remove_activity(*activity)
        entry.details = {**entry.details, "activities": entry.details["activities"][1:]}
        if step.is_over:
            break
    return not (entry.details["pairs"] or entry.details["activities"])


@handles("set_user")
def set_user(entry, step):
    for person in load_rows([entry]).values():
        if data := person.stream_user_data:
            try:
                call(stream_client.users.update, str(person.pk), data)
            except Gone:
                call(stream_client.users.add, str(person.pk), data, get_or_create=True)


@handles("delete_user")
def delete_user(entry, step):
    people = load_rows([entry]).values()
    if not any(person.stream_user_data for person in people):
        with ignore_missing():
            call(stream_client.users.delete, entry.details["id"])


@handles("delete_object")
def delete_object(entry, step):
    """Delete objects, except those that have data again; queue these anew (`remove_activity`)."""
    collection = entry.details["collection"]
    keys = entry.details.get("ids") or [entry.details["id"]]
    current = feed_mapping.rows_with_object(collection, keys)
    if deleted := [key for key in keys if key not in current]:
        with ignore_missing():
            call(stream_client.collections.delete_many, collection, deleted)
    for row in feed_mapping.rows_with_object(collection, keys).values():
        feed_manager.set_object(row)


def split_details(entry):
    """Return `details` of two entries that together do what `entry` does; [] if indivisible."""
    names = DIVISIBLE.get(entry.operation, ())
    items = [(name, item) for name in names for item in entry.details.get(name, ())]
    middle = len(items) // 2
    if not middle:
        return []
    return [
        {**entry.details, **{name: [item for of, item in half if of == name] for name in names}}
        for half in (items[:middle], items[middle:])
    ]


def load_rows(entries):
    """Return the rows of `entries` that still exist, by subject, in their order."""
    return feed_mapping.rows_by_subject([entry.subject for entry in entries])


def load_public_rows(entries):
    rows = load_rows(entries).items()
    return {subject: row for subject, row in rows if row.activity_is_public}


def parse_feed(name):
    return FeedName(*name.split(":", 1))


def get_feed(name):
    return feed_manager.get_feed(*parse_feed(name))

"""How each operation of the outbox is told to Stream. Each may be repeated without harm."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from django.apps import apps
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds import feed_mapping
from feeds.answers import Gone, Temporary, gone_is_done, tell
from feeds.copies import copy_limit
from feeds.feed_mapping import ExpectedFollow
from feeds.mending import mend_feed, set_targets
from feeds.signals import activity_delivered

STEP = 100
# A step ends well within the lease of a claim (`claims.LEASE`), however slow Stream is.
STEP_SECONDS = 20


@dataclass(frozen=True)
class Step:
    """How much of an entry is done before others get their turn: at least one row of it.

    `holds` tells whether the claim on it still stands, and renews its lease in time.
    """

    rows: int
    deadline: float
    holds: Callable = lambda: True

    @property
    def is_over(self):
        return time.monotonic() > self.deadline or not self.holds()

    def go_on(self):
        """Make sure, between two calls, that the entry is still this process's to tell."""
        if not self.holds():
            raise Temporary(TimeoutError("the lease ended"))


def perform(entries, *, step=STEP, seconds=STEP_SECONDS, holds=lambda: True):
    """Tell Stream what `entries` say; return False if a part of it is left to do.

    Several are of one operation that can be told together (`TOGETHER`), any other is alone. A long
    one is done up to `step` rows of it, or for `seconds`, while the claim `holds`; what is done of
    it is taken off its `details`, or noted there, even if the next call fails.

    The payload is read from the rows now, so that a retry never sends anything older than the
    database: a row that is gone, or not public, is not told, and what is public again is not
    removed, in whatever order keys get their turn. Raises `answers.Untaken`, or whatever a row
    could not tell.
    """
    operation = entries[0].operation
    if operation in TOGETHER:
        TOGETHER[operation](entries)
        return True
    one_step = Step(step, time.monotonic() + seconds, holds)
    return ALONE[operation](entries[0], one_step) is not False


def add(entries):
    """Add activities to the one feed that `entries` are for."""
    instances = public_rows(entries)
    if not instances:
        return
    feed = get_feed(entries[0].key)
    activities = [instance.create_activity() for instance in instances.values()]
    answers = tell(feed.add_activities, activities)["activities"]
    ids = {name: answer["id"] for name, answer in zip(instances, answers, strict=True)}
    for name in instances.keys() - public_rows(entries).keys():
        # Deleted or hidden meanwhile: its removal may have been told before, under another key.
        feed_manager.deleted(instances[name])
    for model, some in groupby(instances.items(), key=lambda item: type(item[1])):
        delivered = {row.pk: ids[name] for name, row in some}
        activity_delivered.send(sender=model, ids=delivered)


def update(entries):
    if instances := public_rows(entries):
        activities = [instance.create_activity() for instance in instances.values()]
        tell(stream_client.update_activities, activities)


def follow(entries):
    instances, told = rows(entries), []
    for row in instances.values():
        for source, target, limit in row.stream_follows:
            pair = {"source": source, "target": target}
            limit = copy_limit(target, ExpectedFollow(row, limit))
            told.append(pair if limit is None else {**pair, "activity_copy_limit": limit})
    if told:
        tell(stream_client.follow_many, told)
    for name in instances.keys() - rows(entries).keys():
        # Deleted meanwhile, maybe under another key.
        row = instances[name]
        feed_manager.unfollowed([row], key=row.stream_followed_feed, subject=row)


def set_object(entries):
    told = {name: row for name, row in rows(entries).items() if row.stream_object_data}
    by_collection = {}
    for row in told.values():
        some = by_collection.setdefault(row.stream_object_collection, [])
        some.append({"id": str(row.pk), **row.stream_object_data})
    for collection, some in by_collection.items():
        tell(stream_client.collections.upsert, collection, some)
    now = rows(entries)
    for name, row in told.items():
        if not (name in now and now[name].stream_object_data):
            feed_manager.delete_object(row)


def remove(entry, step):
    take_out(entry.key, entry.details["foreign_id"])


def take_out(feed_id, foreign_id):
    """Remove an activity from a feed, unless its row says that it belongs there.

    What belongs there afterwards is added anew: it may have been restored, and told under another
    key, while this was under way, or before this was told a second time.
    """
    activity = feed_id, foreign_id
    if not feed_mapping.belongs_on([activity]):
        with gone_is_done():
            tell(get_feed(feed_id).remove_activity, foreign_id=foreign_id)
    feed_manager.saved_many(feed_mapping.belongs_on([activity]).values(), at_once=False)


def empty_feed(entry, step):
    """Remove what is on a feed, but what belongs there again; `details` note how far that is."""
    feed, bounds = get_feed(entry.key), {}
    if "before" in entry.details:
        bounds["id_lt"] = entry.details["before"]
    activities = tell(feed.get, limit=min(step.rows, STEP), **bounds)["results"]
    placed = feed_mapping.belongs_on(
        [(entry.key, activity["foreign_id"]) for activity in activities]
    )
    for activity in activities:
        if (entry.key, activity["foreign_id"]) in placed:
            entry.details = {**entry.details, "before": activity["id"]}
        else:
            with gone_is_done():
                tell(feed.remove_activity, activity["id"])
            entry.details = {**entry.details, "removed": entry.details.get("removed", 0) + 1}
        if step.is_over:
            break
    return not activities


def unfollow_many(entry, step):
    """End follows and remove the activities that told of them; `details` keep what is left."""
    if pairs := entry.details["pairs"]:
        unfollow(pairs[: step.rows])
        entry.details = {**entry.details, "pairs": pairs[step.rows :]}
    for activity in entry.details["activities"][: step.rows]:
        take_out(*activity)
        entry.details = {**entry.details, "activities": entry.details["activities"][1:]}
        if step.is_over:
            break
    return not (entry.details["pairs"] or entry.details["activities"])


def unfollow(pairs):
    """End follows, except those that rows want."""
    standing = feed_mapping.current_follows(pairs)
    ended = [tuple(pair) for pair in pairs if tuple(pair) not in standing]
    if ended:
        named = [{"source": source, "target": target} for source, target in ended]
        tell(stream_client.unfollow_many, named)


def set_user(entry, step):
    for person in rows([entry]).values():
        if data := person.stream_user_data:
            try:
                tell(stream_client.users.update, str(person.pk), data)
            except Gone:
                tell(stream_client.users.add, str(person.pk), data, get_or_create=True)


def delete_user(entry, step):
    key = entry.details["id"]
    if not feed_mapping.rows_with_data("stream_user_data", [key]):
        with gone_is_done():
            tell(stream_client.users.delete, key)


def delete_object(entry, step):
    """Delete objects, except those that have data again; these are told once more (`take_out`)."""
    collection = entry.details["collection"]
    keys = entry.details.get("ids") or [entry.details["id"]]
    standing = feed_mapping.rows_with_data("stream_object_data", keys, collection)
    if ended := [key for key in keys if key not in standing]:
        with gone_is_done():
            tell(stream_client.collections.delete_many, collection, ended)
    for row in feed_mapping.rows_with_data("stream_object_data", keys, collection).values():
        feed_manager.set_object(row)


def by_name(*operations):
    return {operation.__name__: operation for operation in operations}


TOGETHER = by_name(add, update, follow, set_object)
ALONE = by_name(
    remove, empty_feed, unfollow_many, set_user, delete_user, delete_object, mend_feed, set_targets
)


# What of `details` an entry may be parted by.
PARTS = {"unfollow_many": ("pairs", "activities"), "delete_object": ("ids",)}


def halves(entry):
    """Return the details of two entries that say what `entry` does; none if that is one thing."""
    names = PARTS.get(entry.operation, ())
    things = [(name, one) for name in names for one in entry.details.get(name, ())]
    middle = len(things) // 2
    if not middle:
        return []
    return [
        {**entry.details, **{name: [one for of, one in half if of == name] for name in names}}
        for half in (things[:middle], things[middle:])
    ]


def rows(entries):
    """Return the rows that `entries` are about and that still exist, by subject, in their order."""
    by_label = {}
    for entry in entries:
        label, _, pk = entry.subject.partition(":")
        by_label.setdefault(label, []).append(pk)
    found = {}
    for label, pks in by_label.items():
        for row in feed_mapping.published_rows(apps.get_model(label)).in_bulk(pks).values():
            found[f"{label}:{row.pk}"] = row
    return {entry.subject: found[entry.subject] for entry in entries if entry.subject in found}


def public_rows(entries):
    return {name: row for name, row in rows(entries).items() if row.activity_is_public}


def get_feed(name):
    group, _, feed_id = name.partition(":")
    return feed_manager.get_feed(group, feed_id)

"""How each operation of the outbox is told to Stream. Each may be repeated without harm."""

import time
from dataclasses import dataclass
from itertools import groupby

from django.apps import apps
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds.answers import Gone, gone_is_done, tell
from feeds.copies import copy_limit
from feeds.declared import Followed
from feeds.mending import mend_feed, set_targets
from feeds.signals import activity_delivered

STEP = 100
# A step ends well within the lease of a claim (`claims.LEASE`), however slow Stream is.
STEP_SECONDS = 20


@dataclass(frozen=True)
class Step:
    """How much of an entry is done before others get their turn: at least one row of it."""

    rows: int
    deadline: float

    @property
    def is_over(self):
        return time.monotonic() > self.deadline


def perform(entries, *, step=STEP, seconds=STEP_SECONDS):
    """Tell Stream what `entries` say; return False if a part of it is left to do.

    Several are of one operation that can be told together (`TOGETHER`), any other is alone; a long
    one is done up to `step` rows of it, or for `seconds`. The payload is read from the rows now, so
    that a retry never sends anything older than the database; a row that is gone, or not public,
    is nothing to do. Raises `answers.Untaken`, or whatever a row could not tell.
    """
    operation = entries[0].operation
    if operation in TOGETHER:
        TOGETHER[operation](entries)
        return True
    return ALONE[operation](entries[0], Step(step, time.monotonic() + seconds)) is not False


def add(entries):
    """Add activities to the one feed that `entries` are for."""
    instances = public_rows(entries)
    if not instances:
        return
    feed = get_feed(entries[0].key)
    activities = [instance.create_activity() for instance in instances.values()]
    answers = tell(feed.add_activities, activities)["activities"]
    ids = {name: answer["id"] for name, answer in zip(instances, answers, strict=True)}
    for name in missing(instances):  # deleted meanwhile, maybe under another key
        with gone_is_done():
            tell(feed.remove_activity, ids[name])
    for model, some in groupby(instances.items(), key=lambda item: type(item[1])):
        delivered = {row.pk: ids[name] for name, row in some}
        activity_delivered.send(sender=model, ids=delivered)


def update(entries):
    if instances := public_rows(entries):
        activities = [instance.create_activity() for instance in instances.values()]
        tell(stream_client.update_activities, activities)


def follow(entries):
    instances, told = rows(entries), {}
    for name, row in instances.items():
        for source, target, limit in row.stream_follows:
            pair = {"source": source, "target": target}
            limit = copy_limit(target, Followed(row, limit))
            told.setdefault(limit, []).append((name, pair))
    for limit, pairs in told.items():
        tell(stream_client.follow_many, [pair for _, pair in pairs], limit)
    gone = missing(instances)
    for pairs in told.values():
        if ended := [pair for name, pair in pairs if name in gone]:
            # Deleted meanwhile, maybe under another key.
            tell(stream_client.unfollow_many, ended)


def set_object(entries):
    by_collection = {}
    for instance in rows(entries).values():
        if data := instance.stream_object_data:
            some = by_collection.setdefault(instance.stream_object_collection, [])
            some.append({"id": str(instance.pk), **data})
    for collection, some in by_collection.items():
        tell(stream_client.collections.upsert, collection, some)


def remove(entry, step):
    with gone_is_done():
        feed = get_feed(entry.key)
        tell(feed.remove_activity, foreign_id=entry.details["foreign_id"])


def empty_feed(entry, step):
    feed = get_feed(entry.key)
    activities = tell(feed.get, limit=min(step.rows, STEP))["results"]
    for activity in activities:
        with gone_is_done():
            tell(feed.remove_activity, activity["id"])
        if step.is_over:
            break
    return not activities


def unfollow_many(entry, step):
    """End follows and remove the activities that told of them; `details` keep what is left."""
    pairs, activities = entry.details["pairs"], entry.details["activities"]
    if pairs:
        some = [{"source": source, "target": target} for source, target in pairs[: step.rows]]
        tell(stream_client.unfollow_many, some)
    done = 0
    for feed_id, foreign_id in activities[: step.rows]:
        with gone_is_done():
            tell(get_feed(feed_id).remove_activity, foreign_id=foreign_id)
        done += 1
        if step.is_over:
            break
    entry.details = {"pairs": pairs[step.rows :], "activities": activities[done:]}
    return not (entry.details["pairs"] or entry.details["activities"])


def set_user(entry, step):
    for person in rows([entry]).values():
        if data := person.stream_user_data:
            try:
                tell(stream_client.users.update, str(person.pk), data)
            except Gone:
                tell(stream_client.users.add, str(person.pk), data, get_or_create=True)


def delete_user(entry, step):
    with gone_is_done():
        tell(stream_client.users.delete, entry.details["id"])


def delete_object(entry, step):
    with gone_is_done():
        details = entry.details
        if "ids" in details:
            tell(stream_client.collections.delete_many, details["collection"], details["ids"])
        else:
            tell(stream_client.collections.delete, details["collection"], details["id"])


def by_name(*operations):
    return {operation.__name__: operation for operation in operations}


TOGETHER = by_name(add, update, follow, set_object)
ALONE = by_name(
    remove, empty_feed, unfollow_many, set_user, delete_user, delete_object, mend_feed, set_targets
)


def rows(entries):
    """Return the rows that `entries` are about and that still exist, by subject, in their order."""
    by_label = {}
    for entry in entries:
        label, _, pk = entry.subject.partition(":")
        by_label.setdefault(label, []).append(pk)
    found = {}
    for label, pks in by_label.items():
        model = apps.get_model(label)
        # stream-django's name for what an activity is made from besides its row.
        related = getattr(model, "activity_related_models", lambda: None)() or []
        for row in model._base_manager.select_related(*related).in_bulk(pks).values():
            found[f"{label}:{row.pk}"] = row
    return {entry.subject: found[entry.subject] for entry in entries if entry.subject in found}


def missing(instances):
    """Return which of `instances`, rows by subject, exist no longer."""
    gone = set(instances)
    by_model = {}
    for name, row in instances.items():
        by_model.setdefault(type(row), {})[row.pk] = name
    for model, names in by_model.items():
        left = model._base_manager.filter(pk__in=names).values_list("pk", flat=True)
        gone -= {names[pk] for pk in left}
    return gone


def public_rows(entries):
    return {
        name: row for name, row in rows(entries).items() if getattr(row, "activity_is_public", True)
    }


def get_feed(name):
    group, _, feed_id = name.partition(":")
    return feed_manager.get_feed(group, feed_id)

"""How each operation of the outbox is told to Stream. Each may be repeated without harm."""

import time
from dataclasses import dataclass

from django.apps import apps
from stream.exceptions import StreamApiException
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds.answers import answered
from feeds.signals import activity_delivered

STEP = 100
# A step ends well within the lease of a claim (`outbox.LEASE`), however slow Stream is.
STEP_SECONDS = 20


@dataclass(frozen=True)
class Step:
    """How much of an entry is done before others get their turn: at least one row of it."""

    rows: int
    deadline: float

    @property
    def is_over(self):
        return time.monotonic() > self.deadline


def perform(entry, *, step=STEP, seconds=STEP_SECONDS):
    """Tell Stream what `entry` says; return False if a part of it is left to do.

    A long one is done up to `step` rows of it, or for `seconds`.
    The payload is read from the row now, so that a retry never sends anything older than the
    database; a row that is gone, or not public, is nothing to do.
    """
    step = Step(step, time.monotonic() + seconds)
    return OPERATIONS[entry.operation](entry, step) is not False


def add(entry, step):
    instance = public_row(entry)
    if instance:
        feed = stream_feed(entry)
        activity = answered(feed.add_activity(instance.create_activity()))
        if row(entry) is None:  # deleted meanwhile, maybe under another key
            answered(feed.remove_activity(activity["id"]))
        activity_delivered.send(sender=type(instance), pk=instance.pk, stream_id=activity["id"])


def update(entry, step):
    instance = public_row(entry)
    if instance:
        answered(stream_client.update_activities([instance.create_activity()]))


def remove(entry, step):
    with gone_is_done():
        answered(stream_feed(entry).remove_activity(foreign_id=entry.details["foreign_id"]))


def empty_feed(entry, step):
    feed = stream_feed(entry)
    activities = answered(feed.get(limit=min(step.rows, STEP)))["results"]
    for activity in activities:
        with gone_is_done():
            answered(feed.remove_activity(activity["id"]))
        if step.is_over:
            break
    return not activities


def follow(entry, step):
    instance = row(entry)
    if not instance:
        return
    by_limit = {}
    for source, target, copy_limit in instance.stream_follows:
        by_limit.setdefault(copy_limit, []).append({"source": source, "target": target})
    for copy_limit, pairs in by_limit.items():
        answered(stream_client.follow_many(pairs, copy_limit))
    if row(entry) is None:  # deleted meanwhile, maybe under another key
        for pairs in by_limit.values():
            answered(stream_client.unfollow_many(pairs))


def unfollow_many(entry, step):
    """End follows and remove the activities that told of them; `details` keep what is left."""
    pairs, activities = entry.details["pairs"], entry.details["activities"]
    if pairs:
        some = [{"source": source, "target": target} for source, target in pairs[: step.rows]]
        answered(stream_client.unfollow_many(some))
    done = 0
    for feed_id, foreign_id in activities[: step.rows]:
        with gone_is_done():
            answered(get_feed(feed_id).remove_activity(foreign_id=foreign_id))
        done += 1
        if step.is_over:
            break
    entry.details = {"pairs": pairs[step.rows :], "activities": activities[done:]}
    return not (entry.details["pairs"] or entry.details["activities"])


def set_user(entry, step):
    person = row(entry)
    data = person and person.stream_user_data
    if not data:
        return
    try:
        answered(stream_client.users.update(str(person.pk), data))
    except StreamApiException as error:
        if error.status_code != 404:
            raise
        answered(stream_client.users.add(str(person.pk), data, get_or_create=True))


def delete_user(entry, step):
    with gone_is_done():
        answered(stream_client.users.delete(entry.details["id"]))


def set_object(entry, step):
    instance = row(entry)
    data = instance and instance.stream_object_data
    if data:
        collection = instance.stream_object_collection
        rows = [{"id": str(instance.pk), **data}]
        answered(stream_client.collections.upsert(collection, rows))


def delete_object(entry, step):
    with gone_is_done():
        details = entry.details
        answered(stream_client.collections.delete(details["collection"], details["id"]))


OPERATIONS = {
    operation.__name__: operation
    for operation in (
        add,
        update,
        remove,
        empty_feed,
        follow,
        unfollow_many,
        set_user,
        delete_user,
        set_object,
        delete_object,
    )
}


class gone_is_done:  # noqa: N801 - reads as a sentence
    """What Stream does not have needs no removing."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return isinstance(error, StreamApiException) and error.status_code == 404


def row(entry):
    label, _, pk = entry.subject.partition(":")
    return apps.get_model(label)._base_manager.filter(pk=pk).first()


def public_row(entry):
    instance = row(entry)
    return instance if instance and getattr(instance, "activity_is_public", True) else None


def stream_feed(entry):
    return get_feed(entry.key)


def get_feed(name):
    group, _, feed_id = name.partition(":")
    return feed_manager.get_feed(group, feed_id)

"""How each operation of the outbox is told to Stream. Each may be repeated without harm."""

from django.apps import apps
from stream.exceptions import StreamApiException
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds.signals import activity_delivered

EMPTY_STEP = 100


def perform(entry, *, step=EMPTY_STEP):
    """Tell Stream what `entry` says; return False if a part of it is left to do.

    The payload is read from the row now, so that a retry never sends anything older than the
    database; a row that is gone, or not public, is nothing to do.
    """
    return OPERATIONS[entry.operation](entry, step) is not False


def add(entry, step):
    instance = public_row(entry)
    if instance:
        activity = stream_feed(entry).add_activity(instance.create_activity())
        activity_delivered.send(sender=type(instance), pk=instance.pk, stream_id=activity["id"])


def update(entry, step):
    instance = public_row(entry)
    if instance:
        stream_client.update_activities([instance.create_activity()])


def remove(entry, step):
    with gone_is_done():
        stream_feed(entry).remove_activity(foreign_id=entry.details["foreign_id"])


def empty_feed(entry, step):
    feed = stream_feed(entry)
    activities = feed.get(limit=min(step, EMPTY_STEP))["results"]
    for activity in activities:
        feed.remove_activity(activity["id"])
    return not activities


def set_user(entry, step):
    person = row(entry)
    data = person and person.stream_user_data
    if not data:
        return
    try:
        stream_client.users.update(str(person.pk), data)
    except StreamApiException as error:
        if error.status_code != 404:
            raise
        stream_client.users.add(str(person.pk), data, get_or_create=True)


def delete_user(entry, step):
    with gone_is_done():
        stream_client.users.delete(entry.details["id"])


def set_object(entry, step):
    instance = row(entry)
    data = instance and instance.stream_object_data
    if data:
        collection = instance.stream_object_collection
        stream_client.collections.upsert(collection, [{"id": str(instance.pk), **data}])


def delete_object(entry, step):
    with gone_is_done():
        stream_client.collections.delete(entry.details["collection"], entry.details["id"])


OPERATIONS = {
    operation.__name__: operation
    for operation in (
        add,
        update,
        remove,
        empty_feed,
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
    group, _, feed_id = entry.key.partition(":")
    return feed_manager.get_feed(group, feed_id)

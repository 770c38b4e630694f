"""The feed manager, by which apps publish to Stream.

stream-django imports this module while INSTALLED_APPS is populated, so it imports no models.
"""

from typing import Any, NamedTuple

from stream_django.managers import FeedManager

from transactions import in_batches

ROWS_PER_ENTRY = 500
# The ids of all are in the URL of one call.
OBJECTS_PER_ENTRY = 200


class Message(NamedTuple):
    """An operation on the row `instance`; `key` is the feed that is written to or followed."""

    operation: str
    instance: Any
    key: str
    details: dict


class OutboxFeedManager(FeedManager):
    """Write outbox entries in the caller's transaction, without touching the network.

    `STREAM_FEED_MANAGER_CLASS` names this class; code reaches its instance as
    `stream_django.feed_manager.feed_manager`.
    """

    def bind_model(self, sender, **kwargs):
        """Do nothing: each app connects its own signals.

        stream-django would bind every Activity subclass, historical models of migrations included,
        and so publish each save twice.
        """

    def saved(self, instance, *, created, raw=False):
        """Queue the activity of a saved row; `created` also restores one that was removed."""
        if not raw:
            self._enqueue("add" if created else "update", [instance])

    def saved_many(self, instances, *, at_once=True):
        """Queue the activities of many rows, in their order, as if each had just been created."""
        self._enqueue("add", instances, at_once=at_once)

    def deleted(self, instance):
        """Queue the removal of a row's activity, from its feed and from all that follow it."""
        self._enqueue("remove", [instance])

    def followed(self, rows, *, at_once=True):
        """Queue the follows that each of `rows` declares (its `stream_follows`)."""
        self._enqueue("follow", rows, at_once=at_once)

    def set_user(self, person):
        self._enqueue("set_user", [person])

    def delete_user(self, person):
        self._enqueue("delete_user", [person])

    def set_object(self, instance):
        self._enqueue("set_object", [instance])

    def delete_object(self, instance):
        self._enqueue("delete_object", [instance])

    def empty_feed(self, group, feed_id, *, subject):
        """Queue the removal of all that was added to a feed; `subject` is the row behind it.

        Only for a flat feed that follows nothing, as `user`, `collection`, `links` and `follow`:
        Stream removes copies only at their origin, so a feed that holds copies is never empty.
        """
        if self.should_track(type(subject)):
            self._write([Message("empty_feed", subject, f"{group}:{feed_id}", {})])

    def unfollowed(self, rows, *, key, subject):
        """Queue the end of the follows that `rows` declared, and the removal of their activities.

        One entry for each 500 rows, under `key`, about the row `subject` that they belong to.
        """
        tracked, messages = (row for row in rows if self.should_track(type(row))), []
        for batch in in_batches(tracked, ROWS_PER_ENTRY):
            pairs = [list(follow[:2]) for row in batch for follow in row.stream_follows]
            activities = [
                [self.activity_feed(row), row.activity_foreign_id]
                for row in batch
                if row.has_activity
            ]
            details = {"pairs": pairs, "activities": activities}
            messages.append(Message("unfollow_many", subject, key, details))
        self._write(messages)

    def delete_objects(self, instances, *, subject):
        """Queue the removal of the objects of many rows of one model that belong to `subject`."""
        messages = []
        for batch in in_batches(instances, OBJECTS_PER_ENTRY):
            ids = [str(row.pk) for row in batch]
            details = {"collection": batch[0].stream_object_collection, "ids": ids}
            messages.append(Message("delete_object", subject, self.object_feed(batch[0]), details))
        self._write(messages)

    def message(self, operation, row):
        """Return the Message for an operation on a row: its key, and what only the row can say."""
        details = {}
        if operation == "remove":
            details = {"foreign_id": row.activity_foreign_id}
        elif operation == "delete_user":
            details = {"id": str(row.pk)}
        elif operation == "delete_object":
            details = {"collection": row.stream_object_collection, "id": str(row.pk)}
        return Message(operation, row, self._key(operation, row), details)

    def _key(self, operation, row):
        if operation == "follow":
            return row.stream_followed_feed
        if operation.endswith("_user"):
            return f"{self.user_feed}:{row.pk}"
        return self.object_feed(row) if operation.endswith("_object") else self.activity_feed(row)

    def activity_feed(self, instance):
        """Return the id ("group:id") of the feed that the activity of `instance` is added to."""
        return f"{self.get_actor_feed(instance)}:{instance.activity_actor_id}"

    def object_feed(self, instance):
        """Return the id of the feed of an object, which is the key of its entries."""
        return f"{instance.stream_object_feed}:{instance.pk}"

    def _enqueue(self, operation, rows, *, at_once=True):
        rows = [row for row in rows if self.should_track(type(row))]
        self._write([self.message(operation, row) for row in rows], at_once=at_once)

    def _write(self, messages, *, at_once=True):
        from feeds.outbox.entries import enqueue  # imports models: see above

        if messages:
            enqueue(messages, at_once=at_once)

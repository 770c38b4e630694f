"""The feed manager: the one door through which apps tell Stream something.

stream-django imports this module while INSTALLED_APPS is populated, so it imports no models.
"""

from itertools import islice

from stream_django.managers import FeedManager

ROWS_OF_AN_ENTRY = 500
# Their ids are in the address of one call.
OBJECTS_OF_AN_ENTRY = 200


class OutboxFeedManager(FeedManager):
    """Write what Stream must be told into the outbox, in the caller's transaction.

    Nothing here touches the network. `STREAM_FEED_MANAGER_CLASS` names this class; code reaches its
    instance as `stream_django.feed_manager.feed_manager`.
    """

    def bind_model(self, sender, **kwargs):
        """Do nothing: each app connects its own signals.

        stream-django would bind every Activity subclass, historical models of migrations included,
        and so publish each save twice.
        """

    def saved(self, instance, *, created, raw=False):
        """Queue the activity of a saved row; `created` also restores what was taken back."""
        if not raw:
            self._enqueue("add" if created else "update", instance, self.activity_feed(instance))

    def saved_many(self, instances, *, at_once=True):
        """Queue the activities of many rows, in their order, as if each had just been created."""
        from feeds.outbox import Message, enqueue

        enqueue(
            [
                Message("add", instance, self.activity_feed(instance))
                for instance in instances
                if self.should_track(type(instance))
            ],
            at_once=at_once,
        )

    def deleted(self, instance):
        """Queue the removal of a row's activity, from its feed and from all that follow it."""
        details = {"foreign_id": instance.activity_foreign_id}
        self._enqueue("remove", instance, self.activity_feed(instance), details)

    def empty_feed(self, group, feed_id, *, subject):
        """Queue the removal of all that was added to a feed; `subject` is the row behind it.

        Only for a flat feed that follows nothing, as `user`, `collection`, `links` and `follow`:
        Stream removes no copy from where it came to, so one that holds copies is never empty.
        """
        self._enqueue("empty_feed", subject, f"{group}:{feed_id}")

    def followed(self, rows, *, at_once=True):
        """Queue what the feeds are to follow because of each of `rows` (its `stream_follows`)."""
        from feeds.outbox import Message, enqueue

        enqueue(
            [
                Message("follow", row, row.stream_followed_feed)
                for row in rows
                if self.should_track(type(row))
            ],
            at_once=at_once,
        )

    def unfollowed(self, rows, *, key, subject):
        """Queue the end of what the feeds followed because of `rows`, and of their activities.

        One entry for each 500 rows, under `key`, about the row `subject` that they hang on.
        """
        from feeds.outbox import Message, enqueue

        rows = (row for row in rows if self.should_track(type(row)))
        messages = []
        while some := list(islice(rows, ROWS_OF_AN_ENTRY)):
            pairs = [list(follow[:2]) for row in some for follow in row.stream_follows]
            told = [
                [self.activity_feed(row), row.activity_foreign_id]
                for row in some
                if row.has_activity
            ]
            details = {"pairs": pairs, "activities": told}
            messages.append(Message("unfollow_many", subject, key, details))
        enqueue(messages)

    def set_user(self, person):
        self._enqueue("set_user", person, self.person_feed(person))

    def delete_user(self, person):
        details = {"id": str(person.pk)}
        self._enqueue("delete_user", person, self.person_feed(person), details)

    def set_object(self, instance):
        self._enqueue("set_object", instance, self.object_feed(instance))

    def delete_object(self, instance):
        details = {"collection": instance.stream_object_collection, "id": str(instance.pk)}
        self._enqueue("delete_object", instance, self.object_feed(instance), details)

    def delete_objects(self, instances, *, subject):
        """Queue the removal of the objects of many rows of one model that hang on `subject`."""
        from feeds.outbox import Message, enqueue

        rows, messages = iter(instances), []
        while some := list(islice(rows, OBJECTS_OF_AN_ENTRY)):
            details = {
                "collection": some[0].stream_object_collection,
                "ids": [str(row.pk) for row in some],
            }
            messages.append(Message("delete_object", subject, self.object_feed(some[0]), details))
        enqueue(messages)

    def readdressed(self, instance):
        """Queue that a row's activity is addressed to the feeds that `activity_notify` names."""
        self._enqueue("set_targets", instance, self.activity_feed(instance))

    def mended(self, feed, details, *, subject):
        """Queue what `feeds.mending.mend_feed` is to do to a feed of the row `subject`."""
        self._enqueue("mend_feed", subject, feed, details)

    def activity_feed(self, instance):
        """Return the id ("group:id") of the feed that the activity of `instance` is added to."""
        return f"{self.get_actor_feed(instance)}:{instance.activity_actor_id}"

    def person_feed(self, person):
        """Return the id of the feed whose entries a person's user waits among: their own."""
        return f"{self.user_feed}:{person.pk}"

    def object_feed(self, instance):
        """Return the id of the feed whose entries an object waits among: its own."""
        return f"{instance.stream_object_feed}:{instance.pk}"

    def _enqueue(self, operation, instance, key, details=None):
        from feeds.outbox import Message, enqueue

        if self.should_track(type(instance)):
            enqueue([Message(operation, instance, key, details or {})])

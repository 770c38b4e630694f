"""The tables of the embedded feed server.

An activity's id is a UUIDv1 on the wire, as Stream's is. It is stored as the UUIDv6 with the same
fields (RFC 9562, section 5.6), whose byte order is the order of time: so "newest first" is one
range of an index, on SQLite and PostgreSQL alike (`feedserver.ids` converts).
"""

import uuid

from django.db import models
from django.utils import timezone


class Feed(models.Model):
    """One feed: `slug` is its group, `user_id` its id inside the group."""

    slug = models.CharField(max_length=64)
    user_id = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "user_id"], name="feed_unique"),
        ]

    def __str__(self):
        return f"{self.slug}:{self.user_id}"


class Activity(models.Model):
    """An activity, once, however many feeds hold it."""

    id = models.UUIDField(primary_key=True, editable=False)
    actor = models.TextField()
    verb = models.CharField(max_length=255)
    object = models.TextField()
    target = models.TextField(blank=True)
    foreign_id = models.CharField(max_length=255, blank=True)
    time = models.DateTimeField()
    # Feed ids ("slug:id") that it was addressed to, and every field that is not Stream's own.
    to = models.JSONField(default=list, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["foreign_id", "time"], name="activity_foreign_id_time")]

    def __str__(self):
        return self.foreign_id or str(self.id)


class RemovedActivity(models.Model):
    """The id of an activity that was here once, and when it was removed: nothing else of it."""

    id = models.UUIDField(primary_key=True, editable=False)
    removed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "removed activities"
        indexes = [models.Index(fields=["removed_at"], name="removed_by_time")]

    def __str__(self):
        return str(self.id)


class ActivityGroup(models.Model):
    """Activities of one aggregated or notification feed that its group's format puts together.

    `newest` and `oldest` are ids of activities; as ids hold times, they are also its
    `updated_at` and `created_at`. Groups of aggregated feeds know no marks: null.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="groups", db_index=False)
    name = models.CharField(max_length=255)
    newest = models.UUIDField()
    oldest = models.UUIDField()
    activity_count = models.PositiveIntegerField()
    actor_count = models.PositiveIntegerField()
    is_seen = models.BooleanField(null=True)
    is_read = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "name"], name="group_unique"),
            models.CheckConstraint(
                name="group_has_activities",
                condition=models.Q(actor_count__gte=1, activity_count__gte=models.F("actor_count")),
            ),
        ]
        indexes = [
            models.Index(fields=["feed", "newest"], name="group_by_newest"),
            models.Index(fields=["feed"], name="group_unseen", condition=models.Q(is_seen=False)),
            models.Index(fields=["feed"], name="group_unread", condition=models.Q(is_read=False)),
        ]

    def __str__(self):
        return self.name


class FeedEntry(models.Model):
    """That `feed` holds `activity`, because of `origin`; in an aggregated feed, in which group.

    `origin` is `feed` itself for what was added to it directly or by `to`, and the followed feed
    for a copy. An activity that comes by two ways has two rows and is shown once; it stays while
    one of them stands.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="entries", db_index=False)
    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="entries", db_index=False
    )
    origin = models.ForeignKey(
        Feed, on_delete=models.CASCADE, related_name="copies", db_index=False
    )
    group = models.ForeignKey(
        ActivityGroup, on_delete=models.CASCADE, related_name="entries", null=True, db_index=False
    )

    class Meta:
        verbose_name_plural = "feed entries"
        constraints = [
            models.UniqueConstraint(fields=["feed", "activity", "origin"], name="entry_unique"),
        ]
        indexes = [
            # Copy on follow and purge on unfollow: what `feed` has from `origin`, newest first.
            models.Index(fields=["origin", "feed", "activity"], name="entry_by_origin"),
            # With the feed in it no plan looks for one feed among all that hold an activity.
            models.Index(fields=["activity", "feed"], name="entry_by_activity"),
            models.Index(
                fields=["group", "activity"],
                name="entry_by_group",
                condition=models.Q(group__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.feed_id} {self.activity_id}"


class Follow(models.Model):
    """`source` follows `target` (Stream's `feed_id` and `target_id`)."""

    source = models.ForeignKey(
        Feed, on_delete=models.CASCADE, related_name="following", db_index=False
    )
    target = models.ForeignKey(
        Feed, on_delete=models.CASCADE, related_name="followers", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="follow_unique"),
            models.CheckConstraint(
                name="follow_not_self", condition=~models.Q(source=models.F("target"))
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-id"], name="follow_newest_by_source"),
            models.Index(fields=["target", "-id"], name="follow_newest_by_target"),
            # Fan-out in the order of followers, from the index alone.
            models.Index(fields=["target", "source"], name="follow_by_target"),
        ]

    def __str__(self):
        return f"{self.source_id} → {self.target_id}"


class StreamUser(models.Model):
    """A user of Stream's enrichment: what `SU:<id>` stands for."""

    id = models.CharField(primary_key=True, max_length=255)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self):
        return self.id


class StreamObject(models.Model):
    """An object of one of Stream's collections: what `SO:<collection>:<id>` stands for."""

    collection = models.CharField(max_length=255)
    object_id = models.CharField(max_length=255, default=uuid.uuid4)
    data = models.JSONField(default=dict)
    created_by = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "object_id"], name="object_unique"),
        ]

    def __str__(self):
        return f"{self.collection}:{self.object_id}"

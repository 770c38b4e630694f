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


class FeedLength(models.Model):
    """How many copies `feed` holds at most (`feedserver.lengths`); its own activities count not."""

    feed = models.OneToOneField(
        Feed, primary_key=True, on_delete=models.CASCADE, related_name="length"
    )
    copies = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.feed_id}: {self.copies}"


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


_LIVE = models.Q(deleted_at__isnull=True)
_FIRST = models.Q(deleted_at__isnull=True, parent__isnull=True)
_CHILD = models.Q(parent__isnull=False)


class Reaction(models.Model):
    """What somebody said to an activity, or to another reaction: a child, to three levels.

    Like an activity's, its key is a UUIDv6 that holds its time, so the order of keys is the order
    of creation; `name` is its id on the wire. `subject` is what it was said to: "SA:<activity>",
    which need not exist, or "SR:<reaction>". A child's `activity_id` is the first one's.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=255)
    subject = models.CharField(max_length=258)
    activity_id = models.CharField(max_length=255)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="children", null=True, db_index=False
    )
    level = models.PositiveSmallIntegerField(default=1)
    user_id = models.CharField(max_length=255)
    data = models.JSONField(default=dict)
    # The feeds that tell of it ("slug:id"), and what else these activities say.
    target_feeds = models.JSONField(default=list, blank=True)
    extra_data = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="reaction_level",
                condition=models.Q(level=1, parent__isnull=True)
                | models.Q(level__in=(2, 3), parent__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="reaction_by_subject", condition=_LIVE),
            models.Index(
                fields=["subject", "kind", "id"], name="reaction_by_kind", condition=_LIVE
            ),
            models.Index(fields=["user_id", "id"], name="reaction_by_user", condition=_FIRST),
            models.Index(
                fields=["user_id", "kind", "id"], name="reaction_by_user_and_kind", condition=_FIRST
            ),
            models.Index(fields=["user_id", "subject"], name="reaction_own", condition=_LIVE),
            models.Index(fields=["parent"], name="reaction_by_parent", condition=_CHILD),
        ]

    def __str__(self):
        return f"{self.kind} {self.name}"

    @property
    def reference(self):
        return f"SR:{self.name}"

    @property
    def top(self):
        """The reaction to an activity that it belongs to, or itself."""
        return self.parent.top if self.parent else self


class ReactionCount(models.Model):
    """How many reactions of a kind were said to a subject, without those that were deleted.

    A kind that falls to 0 stays, as Stream's does.
    """

    subject = models.CharField(max_length=258)
    kind = models.CharField(max_length=255)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "kind"], name="reaction_count_unique"),
        ]

    def __str__(self):
        return f"{self.subject} {self.kind}: {self.number}"


class AuditEntry(models.Model):
    """That `user_id` did something to an activity or a reaction (Stream's audit log)."""

    entity_type = models.CharField(max_length=32)
    entity_id = models.CharField(max_length=255)
    action = models.CharField(max_length=32)
    user_id = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["entity_type", "entity_id", "id"], name="audit_by_entity"),
            models.Index(fields=["user_id", "id"], name="audit_by_user"),
        ]

    def __str__(self):
        return f"{self.action} {self.entity_type} {self.entity_id}"

"""Entries of feeds, and groups of entries in aggregated feeds."""

from django.db import models

from feedserver.models.activities import Activity
from feedserver.models.feeds import Feed


class ActivityGroup(models.Model):
    """Activities of an aggregated or notification feed for which its format gives the same name.

    `newest` and `oldest` are ids of activities; as ids hold times, they are also its
    `updated_at` and `created_at`. Groups of aggregated feeds have no marks: null.
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
    """An activity in a feed; in an aggregated feed, also its group.

    `origin` is `feed` itself for an activity that was added directly or by `to`, and the followed
    feed for a copy. An activity with two origins has two rows and is shown once, as long as one of
    them exists.
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
            # Copy on follow and purge on unfollow: the entries of `feed` from `origin`.
            models.Index(fields=["origin", "feed", "activity"], name="entry_by_origin"),
            # With the feed, so that no query plan filters all feeds that hold an activity.
            models.Index(fields=["activity", "feed"], name="entry_by_activity"),
            models.Index(
                fields=["group", "activity"],
                name="entry_by_group",
                condition=models.Q(group__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.feed_id} {self.activity_id}"

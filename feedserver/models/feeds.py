"""Feeds and follows."""

from django.db import models
from django.utils import timezone


class Feed(models.Model):
    """A feed: `slug` is its group, `user_id` its id in the group."""

    slug = models.CharField(max_length=64)
    user_id = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "user_id"], name="feed_unique"),
        ]

    def __str__(self):
        return f"{self.slug}:{self.user_id}"


class FeedLength(models.Model):
    """An upper bound of the copies in a feed (see `feedserver.feed_lengths`)."""

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

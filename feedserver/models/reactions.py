"""What people said to activities and to each other."""

from django.db import models

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

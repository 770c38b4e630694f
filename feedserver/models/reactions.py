"""Reactions and their counts."""

from django.db import models

_LIVE = models.Q(deleted_at__isnull=True)
_FIRST = models.Q(deleted_at__isnull=True, parent__isnull=True)
_CHILD = models.Q(parent__isnull=False)


class Reaction(models.Model):
    """A user's reaction to an activity, or a child of another reaction, up to three levels.

    Like an activity's, its key is a UUIDv6 that holds its time, so the order of keys is the order
    of creation; `name` is its id in requests and responses. `subject` is "SA:<activity>", which
    need not exist, or "SR:<parent>". A child has the `activity_id` of its parent.
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
    # Feeds ("slug:id") to which an activity about it is added, and further fields of that activity.
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
        """Return the reference by which activities and children name it."""
        return f"SR:{self.name}"

    @property
    def top(self):
        """Return the reaction at the top of its tree, possibly itself."""
        return self.parent.top if self.parent else self


class ReactionCount(models.Model):
    """The number of reactions of a kind to a subject, without deleted ones.

    A count of 0 is kept, as Stream keeps it.
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

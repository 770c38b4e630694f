"""Activities, and the ids of removed ones.

The id of an activity is a UUIDv1 in requests and responses, as Stream's is. It is stored as the
UUIDv6 with the same fields (RFC 9562, section 5.6), whose byte order is the order of time: so
"newest first" is one range of an index, on SQLite and PostgreSQL (see `feedserver.ids`).
"""

from django.db import models


class Activity(models.Model):
    """An activity: one row, no matter how many feeds hold it."""

    id = models.UUIDField(primary_key=True, editable=False)
    actor = models.TextField()
    verb = models.CharField(max_length=255)
    object = models.TextField()
    target = models.TextField(blank=True)
    foreign_id = models.CharField(max_length=255, blank=True)
    time = models.DateTimeField()
    # The ids of its target feeds ("slug:id"), and all fields that are not Stream's own.
    to = models.JSONField(default=list, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["foreign_id", "time"], name="activity_foreign_id_time")]

    def __str__(self):
        return self.foreign_id or str(self.id)


class RemovedActivity(models.Model):
    """The id of a removed activity and the time of its removal."""

    id = models.UUIDField(primary_key=True, editable=False)
    removed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "removed activities"
        indexes = [models.Index(fields=["removed_at"], name="removed_by_time")]

    def __str__(self):
        return str(self.id)

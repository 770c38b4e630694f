"""What was said to happen, once, however many feeds hold it.

An activity's id is a UUIDv1 on the wire, as Stream's is. It is stored as the UUIDv6 with the same
fields (RFC 9562, section 5.6), whose byte order is the order of time: so "newest first" is one
range of an index, on SQLite and PostgreSQL alike (`feedserver.ids` converts).
"""

from django.db import models


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

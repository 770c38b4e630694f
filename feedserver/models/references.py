"""The targets of references in activities: `SU:<user>` and `SO:<collection>:<object>`."""

import uuid

from django.db import models
from django.utils import timezone


class StreamUser(models.Model):
    """A user, with the reference `SU:<id>`."""

    id = models.CharField(primary_key=True, max_length=255)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self):
        return self.id


class StreamObject(models.Model):
    """An object of a collection, with the reference `SO:<collection>:<id>`."""

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

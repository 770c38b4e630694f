"""The audit log."""

from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """A change of an activity or a reaction by `user_id`."""

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

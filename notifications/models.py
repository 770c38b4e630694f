from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationQuerySet(models.QuerySet):
    def of(self, user):
        return self.filter(user=user)

    def since(self, timestamp):
        """Keep values that changed after `timestamp` (Unix seconds), oldest change first."""
        return self.filter(timestamp__gt=timestamp).order_by("timestamp")


class Notification(models.Model):
    """The latest value of a notification of `user`, such as their number of unread messages.

    There is one row for each name. `timestamp`, in Unix seconds, is when the value changed; a
    person's timestamps grow with each commit (`notifications.services.notify`).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("person"),
        db_index=False,
    )
    name = models.CharField(_("name"), max_length=128)
    payload = models.JSONField(_("payload"), blank=True)
    timestamp = models.FloatField(_("timestamp"))

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="notification_once"),
        ]
        indexes = [models.Index(fields=["user", "timestamp"], name="notification_by_timestamp")]

    def __str__(self):
        return f"{self.user}: {self.name}"

    def as_item(self):
        """Return an item of a poll's response: `{"name", "data", "timestamp"}`."""
        return {"name": self.name, "data": self.payload, "timestamp": self.timestamp}


class Cursor(models.Model):
    """The last timestamp of a person's notifications; `notify` locks this row."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("person"),
    )
    timestamp = models.FloatField(_("timestamp"), default=0)

    class Meta:
        verbose_name = _("place in the notifications")
        verbose_name_plural = _("places in the notifications")

    def __str__(self):
        return f"{self.user}: {self.timestamp}"

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxEntry(models.Model):
    """One thing that Stream must be told, written in the transaction that made it true.

    Entries of one `key` (the feed written to or followed) are delivered in the order written;
    no key waits for another.
    """

    class Operation(models.TextChoices):
        ADD = "add", _("add activity")
        UPDATE = "update", _("update activity")
        REMOVE = "remove", _("remove activity")
        EMPTY_FEED = "empty_feed", _("empty feed")
        FOLLOW = "follow", _("follow")
        UNFOLLOW_MANY = "unfollow_many", _("unfollow many")
        SET_USER = "set_user", _("set user")
        DELETE_USER = "delete_user", _("delete user")
        SET_OBJECT = "set_object", _("set object")
        DELETE_OBJECT = "delete_object", _("delete object")
        MEND_FEED = "mend_feed", _("mend feed")
        SET_TARGETS = "set_targets", _("readdress activity")

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    operation = models.CharField(_("operation"), max_length=16, choices=Operation)
    subject = models.CharField(_("subject"), max_length=128)
    key = models.CharField(_("key"), max_length=128)
    # For removals what the row can no longer tell, or what of it is left to do; {} otherwise.
    details = models.JSONField(_("details"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    # Names who has it: of two claims that meet in one moment, too.
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    destination = models.CharField(_("destination"), max_length=64)

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox entries")
        constraints = [
            models.CheckConstraint(
                name="outbox_delivered_has_time",
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at=None)),
            ),
        ]
        indexes = [
            # Partial by what no parameter says: SQLite finds no use for `state = ?`.
            models.Index(
                fields=["destination", "state", "key", "id"],
                name="outbox_undelivered",
                condition=Q(delivered_at=None),
            ),
            models.Index(
                fields=["delivered_at"],
                name="outbox_delivered",
                condition=Q(delivered_at__isnull=False),
            ),
            models.Index(fields=["key"], name="outbox_by_key"),
            models.Index(fields=["state", "-id"], name="outbox_by_state"),
            models.Index(fields=["subject"], name="outbox_by_subject"),
        ]

    def __str__(self):
        return f"{self.operation} {self.subject}"


class Pause(models.Model):
    """That workers found Stream at `destination` out of reach, and what they know until when."""

    destination = models.CharField(_("destination"), max_length=64, unique=True)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self):
        return self.destination


class Resync(models.Model):
    """How far `resync_feeds` is with telling a Stream app everything, so that it can go on."""

    destination = models.CharField(_("destination"), max_length=64, unique=True)
    stage = models.CharField(_("stage"), max_length=128, blank=True)
    position = models.CharField(_("last key"), max_length=128, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("resync")
        verbose_name_plural = _("resyncs")

    def __str__(self):
        return f"{self.destination}: {self.stage}"

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stream_django.client import stream_client


class DestinationQuerySet(models.QuerySet):
    """Rows by destination: the API key, which names the Stream app."""

    def here(self):
        """Return the rows for the destination of this process."""
        return self.filter(destination=stream_client.api_key)


class OutboxEntryQuerySet(DestinationQuerySet):
    def elsewhere(self):
        """Return the rows that only a process with another API key delivers."""
        own = stream_client.api_key
        # Two ranges can use an index, "not equal" cannot.
        return self.filter(Q(destination__lt=own) | Q(destination__gt=own))

    def undelivered(self):
        return self.filter(delivered_at=None)

    def pending(self):
        # The second condition lets SQLite use the index of undelivered entries.
        return self.filter(state=OutboxEntry.State.PENDING, delivered_at=None)


class OutboxEntry(models.Model):
    """A pending or past write to Stream, inserted in the transaction that made it necessary.

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
    # For removals what the deleted row said, and what is left to do of a long entry; {} otherwise.
    details = models.JSONField(_("details"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    # Tells two claims of the same moment apart.
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    destination = models.CharField(_("destination"), max_length=64)

    objects = OutboxEntryQuerySet.as_manager()

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
            # Partial by a constant: SQLite uses no partial index for `state = ?`.
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


class PauseQuerySet(DestinationQuerySet):
    def current(self):
        return self.here().filter(until__gt=timezone.now())

    def record(self, seconds=0):
        """Record that a worker of this destination will try again after `seconds`."""
        until = timezone.now() + timedelta(seconds=seconds) + Pause.RENEWAL
        self.update_or_create(destination=stream_client.api_key, defaults={"until": until})


class Pause(models.Model):
    """The pause of the workers since Stream at `destination` was found unreachable."""

    # A paused worker records its pause again within this time; one that died does not.
    RENEWAL = timedelta(minutes=3)

    destination = models.CharField(_("destination"), max_length=64, unique=True)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    until = models.DateTimeField(_("until"))

    objects = PauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self):
        return self.destination


class Resync(models.Model):
    """The progress of `resync_feeds` for a destination, so that it can be resumed."""

    destination = models.CharField(_("destination"), max_length=64, unique=True)
    stage = models.CharField(_("stage"), max_length=128, blank=True)
    position = models.CharField(_("last key"), max_length=128, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        verbose_name = _("resync")
        verbose_name_plural = _("resyncs")

    def __str__(self):
        return f"{self.destination}: {self.stage}"

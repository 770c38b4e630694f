from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from messaging import conf
from messaging.managers import MessageQuerySet


def validate_length(body):
    """Limit `body` to MESSAGE_MAX_LENGTH, whose changes need no migration."""
    max_length = conf.get("MESSAGE_MAX_LENGTH")
    if len(body) > max_length:
        over = len(body) - max_length
        text = ngettext(
            "This is %(over)d character too long: %(longest)d are allowed.",
            "This is %(over)d characters too long: %(longest)d are allowed.",
            over,
        )
        raise ValidationError(text % {"over": over, "longest": max_length}, code="max_length")


def validate_has_text(body):
    if not body.strip():
        raise ValidationError(_("Write something first."), code="required")


class Message(models.Model):
    """A private message. Each side deletes it for itself.

    A deleted account is None: its messages remain visible to the other side.
    """

    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="messages_sent",
        verbose_name=_("sender"),
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="messages_received",
        verbose_name=_("recipient"),
    )
    body = models.TextField(
        _("message"),
        validators=[validate_has_text, validate_length, ProhibitNullCharactersValidator()],
    )
    sent_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    read_at = models.DateTimeField(_("read"), null=True, blank=True, editable=False)
    deleted_by_sender = models.BooleanField(default=False, editable=False)
    deleted_by_recipient = models.BooleanField(default=False, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                name="message_not_to_oneself",
                condition=Q(sender=None) | Q(recipient=None) | ~Q(sender=F("recipient")),
                violation_error_message=_("You cannot write to yourself."),
            ),
            models.CheckConstraint(
                name="message_length",
                condition=LessThanOrEqual(Length("body"), conf.MAX_BODY_LENGTH),
            ),
            models.CheckConstraint(name="message_has_text", condition=~Q(body="")),
        ]
        indexes = [
            # Partial indexes, so that lists do not read what their person has deleted.
            models.Index(
                fields=["recipient", "-id"],
                name="message_received",
                condition=Q(deleted_by_recipient=False),
            ),
            models.Index(
                fields=["sender", "-id"],
                name="message_sent",
                condition=Q(deleted_by_sender=False),
            ),
            models.Index(
                fields=["recipient", "sender", "-id"],
                name="message_received_from",
                condition=Q(deleted_by_recipient=False),
            ),
            models.Index(
                fields=["sender", "recipient", "-id"],
                name="message_sent_to",
                condition=Q(deleted_by_sender=False),
            ),
            models.Index(
                fields=["recipient"],
                name="message_unread",
                condition=Q(read_at=None, deleted_by_recipient=False),
            ),
        ]

    def __str__(self):
        """Return sender and recipient, never the text: logs and staff see this."""
        return f"{self.sender or '–'} → {self.recipient or '–'}"

    @property
    def is_unread(self):
        return self.read_at is None

"""Reports, cases and the log of staff actions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MAX_NOTE_LENGTH = 500


class CaseQuerySet(models.QuerySet):
    def open(self):
        return self.filter(decided_at=None)

    def decided(self):
        return self.filter(decided_at__isnull=False)

    def appeals(self):
        return self.filter(is_appeal=True)

    def about(self, kind, thing_id):
        return self.filter(kind=kind, thing_id=thing_id)

    def not_about(self, person):
        """Exclude cases about `person`, because they show who reported them."""
        return self.exclude(author=person)


class Case(models.Model):
    """All open reports on one target, or its author's appeal, which one decision closes.

    The target is named by kind and key, without a foreign key, because it may be deleted.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        COLLECTION = "collection", _("collection")
        LINK = "link", _("link")
        MESSAGE = "message", _("message")

    class Decision(models.TextChoices):
        DISMISSED = "dismissed", _("No action")
        HIDDEN = "hidden", _("Hidden")
        SUSPENDED = "suspended", _("Account suspended")
        DELETED = "deleted", _("Deleted by staff")
        UPHELD = "upheld", _("Stays hidden")
        RESTORED = "restored", _("Restored")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    thing_id = models.BigIntegerField()
    # For a message, its sender, never its text; empty after the author's account is deleted.
    title = models.CharField(_("what"), max_length=200)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("author"),
    )
    is_appeal = models.BooleanField(_("appeal"), default=False)
    # For an appeal: when the target was hidden, and the author's statement.
    hidden_at = models.DateTimeField(null=True, editable=False)
    statement = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    # The number of reporters; 1 for an appeal.
    report_count = models.PositiveIntegerField(_("reports"), default=0)
    opened_at = models.DateTimeField(_("since"), default=timezone.now)
    decision = models.CharField(_("decision"), max_length=16, choices=Decision, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("reports and appeals")
        default_permissions = ["view"]
        permissions = [("decide_case", "Can decide reports and appeals")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "thing_id"],
                name="case_open_once",
                condition=Q(decided_at=None, is_appeal=False),
            ),
            models.UniqueConstraint(
                fields=["kind", "thing_id", "hidden_at"],
                name="case_appeal_once",
                condition=Q(is_appeal=True),
            ),
            models.CheckConstraint(
                name="case_decision_has_time",
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="case_appeal_is_about_a_hiding",
                condition=Q(
                    is_appeal=True, hidden_at__isnull=False, kind__in=["collection", "link"]
                )
                | Q(is_appeal=False, hidden_at=None, statement=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["-report_count", "opened_at", "id"],
                name="case_queue",
                condition=Q(decided_at=None),
            ),
            models.Index(fields=["kind", "thing_id", "-id"], name="case_by_thing"),
            models.Index(fields=["decided_at"], name="case_by_decision"),
            models.Index(fields=["opened_at"], name="case_by_opening"),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self):
        """Return the name of the target in the reader's language."""
        if self.kind != self.Kind.MESSAGE:
            return self.title or gettext("Deleted: %(kind)s") % {"kind": self.get_kind_display()}
        if not self.title:
            return gettext("A message from a deleted account")
        return gettext("A message from %(name)s") % {"name": self.title}

    @property
    def is_open(self):
        return self.decided_at is None

    @property
    def outcome(self):
        """Return the decision as reporters and authors see it."""
        return OUTCOMES[self.decision] if self.decision else _("Waiting for a moderator")


OUTCOMES = {
    Case.Decision.DISMISSED: _("Looked at: no action was taken"),
    Case.Decision.HIDDEN: _("It was hidden"),
    Case.Decision.SUSPENDED: _("The account was suspended"),
    Case.Decision.DELETED: _("It was deleted"),
    Case.Decision.UPHELD: _("Looked at again: it stays hidden"),
    Case.Decision.RESTORED: _("Looked at again: it is back"),
}


class Report(models.Model):
    """One person's report of a target, with a copy of the target as it was at that moment."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("Spam or advertising")
        HARASSMENT = "harassment", _("Harassment or hatred")
        ILLEGAL = "illegal", _("Illegal")
        MISLEADING = "misleading", _("Wrong or misleading")
        OTHER = "other", _("Something else")

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="reports", verbose_name=_("case")
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("reporter"),
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    note = models.CharField(_("note"), max_length=MAX_NOTE_LENGTH, blank=True)
    # Texts by field (`moderation.reportables`); {} after the author's account is deleted.
    copy = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("reported"), default=timezone.now)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ["add"]
        constraints = [
            models.UniqueConstraint(fields=["case", "reporter"], name="report_once"),
        ]
        indexes = [
            models.Index(fields=["reporter", "-id"], name="report_by_reporter"),
            models.Index(fields=["created_at"], name="report_by_time"),
        ]

    def __str__(self):
        return f"{self.get_reason_display()}: {self.case}"


class LogRecordQuerySet(models.QuerySet):
    def about(self, label, pk):
        """Keep the records about the row `pk` of the model `label` ("app.model"), newest first."""
        return self.filter(thing_type=label, thing_id=str(pk)).order_by("-position")


class LogRecord(models.Model):
    """A permanent record of one staff action, written and checked by `moderation.log`.

    Its hash covers the previous record's. It has names instead of foreign keys, so that it outlives
    staff and targets.
    """

    position = models.PositiveBigIntegerField(_("number"), primary_key=True)
    made_at = models.DateTimeField(_("when"))
    staff_id = models.BigIntegerField(null=True)
    staff_name = models.CharField(_("who"), max_length=64)
    act = models.CharField(_("act"), max_length=32)
    # The target: "app.model", key and name.
    thing_type = models.CharField(_("kind"), max_length=64)
    thing_id = models.CharField(max_length=64)
    thing_text = models.CharField(_("what"), max_length=200)
    # {field: [old, new]}, all texts.
    changes = models.JSONField(_("changes"), default=dict)
    reason = models.TextField(_("reason"), blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = LogRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("act of staff")
        verbose_name_plural = _("log of what staff did")
        default_permissions = ["view"]
        indexes = [
            models.Index(fields=["staff_id", "-position"], name="log_by_staff"),
            models.Index(fields=["thing_type", "thing_id", "-position"], name="log_by_thing"),
            models.Index(fields=["act", "-position"], name="log_by_act"),
            models.Index(fields=["made_at"], name="log_by_time"),
        ]

    def __str__(self):
        return f"{self.position}: {self.act} {self.thing_text}"


class LogHead(models.Model):
    """The end of the log, which shows missing last records. Writers lock this row."""

    position = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        default_permissions = []
        constraints = [models.CheckConstraint(name="log_has_one_head", condition=Q(pk=1))]

    def __str__(self):
        return str(self.position)

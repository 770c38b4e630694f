from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Problem(models.TextChoices):
    """Why a line of a file is not, or not wholly, in a collection."""

    NO_ADDRESS = "no_address", _("It has no address.")
    INVALID = "invalid", _("This is no web address.")
    SCHEME = "scheme", _("Only links that start with http:// or https:// can be added.")
    CREDENTIALS = "credentials", _("It holds a user name or a password, which everyone could read.")
    TOO_LONG = "max_length", _("The address is too long.")
    SHORTENED = "shortened", _("Added, with a text that was too long cut short.")
    REFUSED = "refused", _("It could not be added.")


class BookmarkImportQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(finished_at=None)

    def newest_first(self):
        return self.order_by("-id")


class BookmarkImport(models.Model):
    """A file of bookmarks on its way into collections, and what became of it.

    `done` of its links are behind it: it moves in the transaction that adds them, so that whoever
    goes on after an interruption adds nothing twice and leaves nothing out.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="bookmark_imports",
        verbose_name=_("person"),
        db_index=False,
    )
    file_name = models.CharField(_("file"), max_length=255)
    # Lists of [name, description, key of the collection once it is known]; empty once it is done.
    folders = models.JSONField(default=list, editable=False)
    # Lists of [folder, address, title, description, Unix seconds or null, line].
    links = models.JSONField(default=list, editable=False)
    # Lists of [line, text, Problem].
    problems = models.JSONField(default=list, editable=False)
    total = models.PositiveIntegerField(_("links"))
    done = models.PositiveIntegerField(_("done"), default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    duplicates = models.PositiveIntegerField(_("there already"), default=0)
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    # When it last moved: one that does not for long has lost its worker.
    touched_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = BookmarkImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of bookmarks")
        verbose_name_plural = _("imports of bookmarks")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(finished_at=None),
                name="import_one_at_a_time",
                violation_error_message=_("Your last import is still under way."),
            ),
            models.CheckConstraint(
                name="import_done_within_total", condition=Q(done__lte=F("total"))
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="import_by_person"),
            models.Index(
                fields=["touched_at"], name="import_lost", condition=Q(finished_at__isnull=True)
            ),
        ]

    def __str__(self):
        return self.file_name

    @property
    def is_finished(self):
        return self.finished_at is not None

    @property
    def refused(self):
        """How many links were not added, for a reason that `problems` has."""
        return self.done - self.added - self.duplicates

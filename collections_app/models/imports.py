from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Problem(models.TextChoices):
    """Why a line of a file was not added, or not in full."""

    NO_ADDRESS = "no_address", _("It has no address.")
    INVALID = "invalid", _("This is no web address.")
    SCHEME = "scheme", _("Only links that start with http:// or https:// can be added.")
    CREDENTIALS = "credentials", _("It holds a user name or a password, which everyone could read.")
    TOO_LONG = "max_length", _("The address is too long.")
    SHORTENED = "shortened", _("Added, with a text that was too long cut short.")
    PRIVATE = "private", _("Left out: the file marks it as private, and every link here is public.")
    SHORTENED_FOLDER = (
        "folder",
        _("A folder whose name or description was too long and was cut short."),
    )
    TAGS = "tags", _("Tags were left out, of this link and all others: links here have none.")
    REFUSED = "refused", _("It could not be added.")


class BookmarkImportQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(finished_at=None)

    def newest_first(self):
        return self.order_by("-id")


class BookmarkImport(models.Model):
    """The import of a bookmark file, with its progress and its outcome.

    The first `done` links are finished. `done` is saved in the transaction that adds them, so that
    an import that resumes after an interruption adds each link once.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="bookmark_imports",
        verbose_name=_("person"),
        db_index=False,
    )
    file_name = models.CharField(_("file"), max_length=255)
    # Lists of [name, description, key of the collection or null]; empty when finished.
    folders = models.JSONField(default=list, editable=False)
    # Lists of [folder, URL, title, description, Unix seconds or null, line], with another true if
    # the link is private; empty when finished.
    links = models.JSONField(default=list, editable=False)
    # Lists of [line, text, Problem].
    problems = models.JSONField(default=list, editable=False)
    total = models.PositiveIntegerField(_("links"))
    done = models.PositiveIntegerField(_("done"), default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    duplicates = models.PositiveIntegerField(_("there already"), default=0)
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    # The time of its last progress: if that is long ago, its worker is gone.
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
        """Return how many links were not added; `problems` has the reasons."""
        return self.done - self.added - self.duplicates

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PictureQuerySet(models.QuerySet):
    def unused_since(self, moment):
        """Return pictures that no row refers to and that were last offered before `moment`."""
        pictures = self.filter(used_at__lt=moment)
        for relation in self.model._meta.related_objects:
            users = relation.related_model._base_manager.filter(
                **{relation.field.name: OuterRef("pk")}
            )
            pictures = pictures.filter(~Exists(users))
        return pictures


class Picture(models.Model):
    """A thumbnail of a picture from another site; its key is the hash of its content."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    # In the database, so that it is part of transactions and backups and reaches every machine.
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    source = models.CharField(_("fetched from"), max_length=2048)
    created_at = models.DateTimeField(_("fetched"), default=timezone.now)
    used_at = models.DateTimeField(_("last offered"), default=timezone.now, db_index=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(
                name="picture_is_named_by_hash",
                condition=Q(Exact(Length("sha256"), 64)),
            ),
        ]

    def __str__(self):
        return self.sha256[:12]

    def get_absolute_url(self):
        return picture_url(self.pk)


def picture_url(sha256):
    """Return the URL of a stored picture, "" for none."""
    return reverse("previews:picture", args=[sha256]) if sha256 else ""

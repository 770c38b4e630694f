from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stream_django.activity import Activity
from stream_django.feed_manager import feed_manager

from collections_app.models.collections import Content


class SavedLink(models.Model):
    """A link that others have saved, the object of notifications about that."""

    link = models.OneToOneField(
        Content,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="saved",
        verbose_name=_("link"),
    )

    stream_object_collection = "links"
    stream_object_feed = "link"

    class Meta:
        verbose_name = _("saved link")
        verbose_name_plural = _("saved links")

    def __str__(self):
        return str(self.link)

    @classmethod
    def activity_related_models(cls):
        return ["link__collection__author"]

    @property
    def stream_object_data(self):
        """Data of the Stream object, or None while nobody may see the link."""
        if not self.link.activity_is_public:
            return None
        return {"title": self.link.title, "address": self.link.get_absolute_url()}


class Saving(Activity, models.Model):
    """The act of saving somebody else's link; `copy` is the saver's own link."""

    saved_link = models.ForeignKey(
        SavedLink, on_delete=models.CASCADE, related_name="savings", verbose_name=_("saved link")
    )
    copy = models.OneToOneField(
        Content, on_delete=models.CASCADE, related_name="saving", verbose_name=_("copy")
    )
    saver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="savings",
        verbose_name=_("saver"),
    )
    created_at = models.DateTimeField(_("saved"), default=timezone.now, editable=False)

    # What Stream is told: stream-django's extension points (design, section 6).
    has_activity = True
    stream_follows = ()
    stream_feed_fields = {"follow": "saver", "notification": "saved_link__link__collection__author"}

    class Meta:
        verbose_name = _("saving of a link")
        verbose_name_plural = _("savings of links")

    def __str__(self):
        return f"{self.saver}: {self.saved_link}"

    @classmethod
    def activity_related_models(cls):
        return ["saver", "copy__collection__author", "saved_link__link__collection__author"]

    @property
    def activity_is_public(self):
        links = (self.copy, self.saved_link.link)
        return self.saver.is_counted and all(link.activity_is_public for link in links)

    @property
    def activity_author_feed(self):
        return "follow"

    @property
    def activity_actor_id(self):
        return self.saver_id

    @property
    def activity_actor(self):
        return f"SU:{self.saver_id}"

    @property
    def activity_verb(self):
        return "save"

    @property
    def activity_object(self):
        return f"SO:links:{self.saved_link_id}"

    @property
    def activity_foreign_id(self):
        return f"{self._meta.label}:{self.pk}"

    @property
    def activity_notify(self):
        return [feed_manager.get_feed("notification", self.saved_link.link.author.pk)]

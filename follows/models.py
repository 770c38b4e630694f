from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stream_django.activity import Activity
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection
from follows.managers import CollectionFollowManager, FollowManager


def explicit_by_date(name):
    """Return an index for the admin: all follows but self-follows, newest first."""
    return models.Index(fields=["-created_at", "-id"], name=name, condition=Q(is_self=False))


class AbstractFollow(Activity, models.Model):
    """A follow of a person or collection by `follower`, since `created_at`.

    With `is_self` it is a self-follow: everyone follows themselves and their own collections, so
    that their own activities are in their timeline. Counts and lists leave self-follows out.
    """

    follower = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="%(class)ss",
        verbose_name=_("follower"),
        db_index=False,
    )
    is_self = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.is_self = self.follower_id == self.owner_id
        super().save(*args, **kwargs)

    # What Stream is told: stream-django's extension points (design, section 6).

    @classmethod
    def activity_related_models(cls):
        return ["follower"]

    @property
    def has_activity(self):
        """Whether somebody else is told of it; a self-follow is nobody's news."""
        return not self.is_self

    @property
    def activity_is_public(self):
        return self.has_activity and self.follower.is_counted

    @property
    def activity_author_feed(self):
        return "follow"

    @property
    def activity_actor_id(self):
        return self.follower_id

    @property
    def activity_actor(self):
        return f"SU:{self.follower_id}"

    @property
    def activity_foreign_id(self):
        return f"{self._meta.label}:{self.pk}"


class Follow(AbstractFollow):
    """One person follows another."""

    followed = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="followed_by",
        verbose_name=_("followed"),
        db_index=False,
    )

    objects = FollowManager()

    stream_feed_fields = {"follow": "follower", "notification": "followed"}
    stream_follow_fields = {"timeline": "follower", "notification": "follower"}
    stream_followed_fields = {"user": "followed", "links": "followed"}

    class Meta:
        verbose_name = _("follow of a person")
        verbose_name_plural = _("follows of people")
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_once"),
            models.CheckConstraint(
                name="follow_of_oneself_is_self",
                condition=Q(is_self=True, follower=F("followed"))
                | Q(Q(is_self=False), ~Q(follower=F("followed"))),
            ),
        ]
        indexes = [
            models.Index(fields=["follower", "-id"], name="follow_by_follower"),
            models.Index(fields=["followed", "-id"], name="follow_by_followed"),
            explicit_by_date("follow_newest_by_hand"),
        ]

    def __str__(self):
        return f"{self.follower} → {self.followed}"

    @property
    def owner_id(self):
        return self.followed_id

    @classmethod
    def activity_related_models(cls):
        return ["follower"]

    @property
    def activity_verb(self):
        return "follow"

    @property
    def activity_object(self):
        return f"SU:{self.followed_id}"

    @property
    def activity_notify(self):
        return [feed_manager.get_feed("notification", self.followed_id)]

    @property
    def stream_followed_feed(self):
        return f"user:{self.followed_id}"

    @property
    def stream_follows(self):
        """Return (feed, feed it follows, how many activities to copy or None for Stream's usual).

        Collections and links come home; new collections are notified, old ones are no news.
        """
        timeline, followed = f"timeline:{self.follower_id}", f"user:{self.followed_id}"
        return [
            (timeline, followed, None),
            (timeline, f"links:{self.followed_id}", None),
            (f"notification:{self.follower_id}", followed, 0),
        ]


class CollectionFollow(AbstractFollow):
    """A person follows a collection."""

    collection = models.ForeignKey(
        Collection,
        on_delete=models.CASCADE,
        related_name="follows",
        verbose_name=_("collection"),
        db_index=False,
    )

    objects = CollectionFollowManager()

    stream_feed_fields = {"follow": "follower", "notification": "collection__author"}
    stream_follow_fields = {"timeline": "follower"}
    stream_followed_fields = {"collection": "collection"}

    class Meta:
        verbose_name = _("follow of a collection")
        verbose_name_plural = _("follows of collections")
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "collection"], name="collection_follow_once"
            ),
        ]
        indexes = [
            models.Index(fields=["follower", "-id"], name="collection_follow_by_follower"),
            models.Index(fields=["collection", "-id"], name="collection_follow_by_collected"),
            explicit_by_date("collection_follow_by_hand"),
        ]

    def __str__(self):
        return f"{self.follower} → {self.collection}"

    @property
    def owner_id(self):
        return self.collection.author_id

    @classmethod
    def activity_related_models(cls):
        return ["follower", "collection"]

    @property
    def activity_verb(self):
        return "follow_collection"

    @property
    def activity_object(self):
        return f"SO:collections:{self.collection_id}"

    @property
    def activity_notify(self):
        return [feed_manager.get_feed("notification", self.owner_id)]

    @property
    def stream_followed_feed(self):
        return f"collection:{self.collection_id}"

    @property
    def stream_follows(self):
        return [(f"timeline:{self.follower_id}", self.stream_followed_feed, None)]

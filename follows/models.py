from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from collections_app.models import Collection
from feeds.published import PEOPLE, FeedFollow, Published
from follows.managers import CollectionFollowManager, FollowManager


def explicit_by_date(name):
    """Return an index for the admin: all follows but self-follows, newest first."""
    return models.Index(fields=["-created_at", "-id"], name=name, condition=Q(is_self=False))


class AbstractFollow(Published, models.Model):
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

    counts = PEOPLE
    actor_path = follower_path = "follower"

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.is_self = self.follower_id == self.owner_id
        super().save(*args, **kwargs)

    @property
    def has_activity(self):
        """Return whether it is published; a self-follow makes feeds follow and nothing else."""
        return not self.is_self

    @property
    def activity_is_public(self):
        return self.has_activity and self.follower.is_counted


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

    verb = "follow"
    object_path = followed_path = "followed"
    feed_paths = {"follow": "follower", "notification": "followed"}
    feed_follows = (
        FeedFollow("timeline", "user"),
        FeedFollow("timeline", "links"),
        # New collections are notified; old ones are no news.
        FeedFollow("notification", "user", copy_limit=0),
    )

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

    verb = "follow_collection"
    object_path = followed_path = "collection"
    feed_paths = {"follow": "follower", "notification": "collection__author"}
    feed_follows = (FeedFollow("timeline", "collection"),)

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

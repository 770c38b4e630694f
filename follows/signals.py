"""Receivers that publish follows, and that change them when people change."""

from itertools import chain

from django.contrib.auth import get_user_model
from django.db.models.signals import post_delete, post_save, pre_delete
from stream_django.feed_manager import feed_manager

from accounts.signals import (
    collecting_lock_targets,
    person_blocked,
    person_suspended,
    person_unsuspended,
)
from collections_app.models import Collection
from feeds.signals import is_own
from follows import services
from follows.models import CollectionFollow, Follow
from follows.suggestions import clear_suggestions


def connect():
    """Connect every receiver, once; `follows.apps` calls it."""
    person = get_user_model()
    for receiver, signal, sender in [
        (person_saved, post_save, person),
        (collection_saved, post_save, Collection),
        (follow_saved, post_save, Follow),
        (follow_saved, post_save, CollectionFollow),
        (follow_deleted, post_delete, Follow),
        (follow_deleted, post_delete, CollectionFollow),
        (person_deleted, pre_delete, person),
        (collection_deleted, pre_delete, Collection),
        (collect_lock_targets, collecting_lock_targets, person),
        (unpublish, person_suspended, person),
        (republish, person_unsuspended, person),
        (remove_ties, person_blocked, person),
    ]:
        uid = f"follows.{receiver.__name__}.{sender.__name__}"
        signal.connect(receiver, sender=sender, dispatch_uid=uid)


def person_saved(sender, instance, created, raw=False, **kwargs):
    if created and not raw:
        Follow.objects.create(follower=instance, followed=instance)


def collection_saved(sender, instance, created, raw=False, **kwargs):
    if created and not raw:
        CollectionFollow.objects.create(follower_id=instance.author_id, collection=instance)


def follow_saved(sender, instance, created, raw=False, **kwargs):
    if created and not raw:
        clear_suggestions(instance.follower_id)
        feed_manager.followed([instance])
        if instance.has_activity:
            feed_manager.saved(instance, created=True)


def follow_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        clear_suggestions(instance.follower_id)
        feed_manager.unfollowed([instance], key=instance.stream_followed_feed, subject=instance)


def person_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        services.remove_from_counts(instance)
        feed_manager.empty_feed("follow", instance.pk, subject=instance)
        people = Follow.objects.filter(follower=instance) | Follow.objects.filter(followed=instance)
        collections = CollectionFollow.objects.filter(follower=instance)
        collections |= CollectionFollow.objects.filter(collection__author=instance)
        rows = chain(people.iterator(), collections.iterator())
        feed_manager.unfollowed(rows, key=f"user:{instance.pk}", subject=instance)


def collection_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        rows = CollectionFollow.objects.filter(collection=instance)
        key = f"collection:{instance.pk}"
        feed_manager.unfollowed(rows.iterator(), key=key, subject=instance)


def collect_lock_targets(sender, person, **kwargs):
    return Follow.objects.explicit().filter(follower=person).values_list("followed", flat=True)


def unpublish(sender, person, **kwargs):
    services.unpublish(person)


def republish(sender, person, **kwargs):
    services.republish(person)


def remove_ties(sender, blocker, blocked, **kwargs):
    clear_suggestions(blocker.pk, blocked.pk)
    services.remove_ties_between(blocker, blocked)

"""What happens to follows because something happened to people; in the caller's transaction."""

from django.contrib.auth import get_user_model
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection
from follows.managers import changed_by
from follows.models import CollectionFollow, Follow
from transactions import lock_keys


def withdraw(person):
    """Take it out of every count and every notification that `person` follows others."""
    _change_counts(person, -1)
    feed_manager.empty_feed("follow", person.pk, subject=person)


def publish(person):
    """Count and tell again whom and what `person` follows."""
    _change_counts(person, +1)
    feed_manager.saved_many(Follow.objects.by_hand().filter(follower=person).order_by("id"))
    collections = CollectionFollow.objects.by_hand().filter(follower=person)
    feed_manager.saved_many(collections.order_by("id"))


def uncount(person):
    """Take `person`, who is about to go, out of the counts they are in."""
    if person.is_counted:
        _change_counts(person, -1)


def separate(one, other):
    """End every follow between two people, of their collections too."""
    for follower, followed in ((one, other), (other, one)):
        Follow.objects.unfollow(follower, followed)
        owned = CollectionFollow.objects.filter(follower=follower, collection__author=followed)
        CollectionFollow.objects.end(owned)


def _change_counts(person, difference):
    changed = {"follower_count": changed_by(difference)}
    people = Follow.objects.by_hand().filter(follower=person)
    get_user_model().objects.filter(pk__in=people.values("followed")).update(**changed)
    followed = CollectionFollow.objects.by_hand().filter(follower=person).values("collection")
    collections = Collection.objects.filter(pk__in=followed)
    # People are locked by now (`accounts.services.lock_with_others`), collections come after them.
    lock_keys(collections, no_key=True)
    collections.update(**changed)

"""Changes of follows that follow from changes of people, in the caller's transaction."""

from django.contrib.auth import get_user_model
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection
from follows.managers import adjusted
from follows.models import CollectionFollow, Follow
from transactions import lock_keys


def unpublish(person):
    """Remove the follows of a suspended `person` from counts and feeds."""
    _change_counts(person, -1)
    feed_manager.empty_feed("follow", person.pk, subject=person)


def republish(person):
    """Restore the follows of `person` in counts and feeds."""
    _change_counts(person, +1)
    feed_manager.saved_many(Follow.objects.explicit().filter(follower=person).order_by("id"))
    collections = CollectionFollow.objects.explicit().filter(follower=person)
    feed_manager.saved_many(collections.order_by("id"))


def remove_from_counts(person):
    """Remove `person`, who is about to be deleted, from the follower counts of others."""
    if person.is_counted:
        _change_counts(person, -1)


def remove_ties_between(person, other):
    """Remove all follows between two people and of each other's collections."""
    for follower, followed in ((person, other), (other, person)):
        Follow.objects.unfollow(follower, followed)
        owned = CollectionFollow.objects.filter(follower=follower, collection__author=followed)
        CollectionFollow.objects.remove(owned)


def _change_counts(person, difference):
    changed = {"follower_count": adjusted(difference)}
    people = Follow.objects.explicit().filter(follower=person)
    get_user_model().objects.filter(pk__in=people.values("followed")).update(**changed)
    followed = CollectionFollow.objects.explicit().filter(follower=person).values("collection")
    collections = Collection.objects.filter(pk__in=followed)
    # The caller has locked the people (`accounts.services.lock_affected`).
    lock_keys(collections, no_key=True)
    collections.update(**changed)

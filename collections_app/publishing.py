"""What Stream is told of collections and links beyond the saving and deleting of one row.

All of it runs in the caller's transaction and only writes outbox entries.
"""

from itertools import chain

from django.dispatch import Signal
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection, Content, SavedLink, Saving

# Links were added without a post_save for each: sender=Content, links (a list).
links_added = Signal()


def withdraw(target):
    """Take a collection with its links, or one link, out of every feed."""
    feed_manager.deleted(target)
    if isinstance(target, Collection):
        empty(target)
    else:
        withdraw_savings(Content.objects.filter(pk=target.pk), subject=target)


def publish(target):
    """Put it back as it was, under the same activity ids."""
    if isinstance(target, Collection):
        feed_manager.set_object(target)
    feed_manager.saved(target, created=True)
    links = Content.objects.filter(pk=target.pk)
    if isinstance(target, Collection):
        links = target.contents.not_hidden().order_by("created_at", "id")
        feed_manager.saved_many(links)
    publish_savings(links)


def publish_links(links):
    """Tell of many new links at once; the worker delivers them."""
    feed_manager.saved_many(links, at_once=False)
    links_added.send(sender=Content, links=links)


def empty(collection):
    """Remove what is in the feed of `collection`, then its object: no entry per link."""
    feed_manager.empty_feed("collection", collection.pk, subject=collection)
    feed_manager.delete_object(collection)
    withdraw_savings(collection.contents.all(), subject=collection)


def withdraw_savings(links, *, subject):
    """Take out of notifications that `links` were saved, and that some of them are copies."""
    key = feed_manager.activity_feed(subject)
    feed_manager.unfollowed(_savings(links), key=key, subject=subject)
    feed_manager.delete_objects(SavedLink.objects.filter(link__in=links), subject=subject)


def separate(one, other):
    """Forget that either of two people saved links of the other."""
    for saver, author in ((one, other), (other, one)):
        savings = Saving.objects.filter(saver=saver, saved_link__link__collection__author=author)
        feed_manager.unfollowed(savings.order_by("id"), key=f"follow:{saver.pk}", subject=saver)
        savings.delete()
        Content.objects.filter(via=author, collection__author=saver).update(via=None)


def publish_savings(links):
    """Tell again of `links` that they were saved, and which of them are copies."""
    for saved_link in SavedLink.objects.filter(link__in=links):
        feed_manager.set_object(saved_link)
    feed_manager.saved_many(_savings(links))


def _savings(links):
    """Return what tells that `links` were saved, or are copies: no saving is both."""
    of_originals = Saving.objects.filter(saved_link__link__in=links).order_by("id")
    return chain(of_originals, Saving.objects.filter(copy__in=links).order_by("id"))


def withdraw_person(person):
    """Take all that `person` made out of every feed: no entry per link."""
    feed_manager.empty_feed("user", person.pk, subject=person)
    for collection in person.collections.all():
        empty(collection)


def publish_person(person):
    """Put back all that `person` made and that no moderator hid."""
    collections = person.collections.visible().order_by("created_at", "id")
    for collection in collections:
        feed_manager.set_object(collection)
    feed_manager.saved_many(collections)
    links = Content.objects.visible().filter(collection__author=person)
    feed_manager.saved_many(links.order_by("created_at", "id"))
    publish_savings(links)

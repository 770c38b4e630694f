"""Publish and unpublish collections and links, beyond the saving and deleting of one row.

These functions run in the caller's transaction and only write outbox entries.
"""

from itertools import chain

from django.dispatch import Signal
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection, Content, SavedLink, Saving

# Sent for links that were added without a post_save for each: sender=Content, links (a list).
links_added = Signal()


def unpublish(target):
    """Remove a collection with its links, or one link, from every feed."""
    feed_manager.deleted(target)
    if isinstance(target, Collection):
        empty_collection(target)
    else:
        unpublish_savings(Content.objects.filter(pk=target.pk), subject=target)


def republish(target):
    """Publish a collection with its links, or one link, again with the same activity ids."""
    if isinstance(target, Collection):
        feed_manager.set_object(target)
    feed_manager.saved(target, created=True)
    links = Content.objects.filter(pk=target.pk)
    if isinstance(target, Collection):
        links = target.contents.not_hidden().order_by("created_at", "id")
        feed_manager.saved_many(links)
    republish_savings(links)


def publish_new_links(links):
    """Publish many new links at once; the worker delivers them."""
    feed_manager.saved_many(links, at_once=False)
    links_added.send(sender=Content, links=links)


def empty_collection(collection):
    """Empty the feed of `collection` and delete its object, without an entry for each link."""
    feed_manager.empty_feed("collection", collection.pk, subject=collection)
    feed_manager.delete_object(collection)
    unpublish_savings(collection.contents.all(), subject=collection)


def unpublish_savings(links, *, subject):
    """Remove notifications about the saving of `links`, as originals or as copies."""
    key = feed_manager.activity_feed(subject)
    feed_manager.unfollowed(_savings(links), key=key, subject=subject)
    feed_manager.delete_objects(SavedLink.objects.filter(link__in=links), subject=subject)


def remove_ties_between(person, other):
    """Delete the record that either of two people saved links of the other."""
    for saver, author in ((person, other), (other, person)):
        savings = Saving.objects.filter(saver=saver, saved_link__link__collection__author=author)
        feed_manager.unfollowed(savings.order_by("id"), key=f"follow:{saver.pk}", subject=saver)
        savings.delete()
        Content.objects.filter(via=author, collection__author=saver).update(via=None)


def republish_savings(links):
    """Publish the savings of `links` again, as originals and as copies."""
    for saved_link in SavedLink.objects.filter(link__in=links):
        feed_manager.set_object(saved_link)
    feed_manager.saved_many(_savings(links))


def _savings(links):
    """Return the savings in which `links` are originals, then those in which they are copies."""
    of_originals = Saving.objects.filter(saved_link__link__in=links).order_by("id")
    return chain(of_originals, Saving.objects.filter(copy__in=links).order_by("id"))


def unpublish_person(person):
    """Remove everything by `person` from every feed, without an entry for each link."""
    feed_manager.empty_feed("user", person.pk, subject=person)
    for collection in person.collections.all():
        empty_collection(collection)


def republish_person(person):
    """Publish everything by `person` again, except what a moderator hid."""
    collections = person.collections.visible().order_by("created_at", "id")
    for collection in collections:
        feed_manager.set_object(collection)
    feed_manager.saved_many(collections)
    links = Content.objects.visible().filter(collection__author=person)
    feed_manager.saved_many(links.order_by("created_at", "id"))
    republish_savings(links)

"""What Stream is told of collections and links beyond the saving and deleting of one row.

All of it runs in the caller's transaction and only writes outbox entries.
"""

from stream_django.feed_manager import feed_manager

from collections_app.models import Collection, Content


def withdraw(thing):
    """Take a collection with its links, or one link, out of every feed."""
    feed_manager.deleted(thing)
    if isinstance(thing, Collection):
        empty(thing)


def publish(thing):
    """Put it back as it was, under the same activity ids."""
    if isinstance(thing, Collection):
        feed_manager.set_object(thing)
    feed_manager.saved(thing, created=True)
    if isinstance(thing, Collection):
        feed_manager.saved_many(thing.contents.not_hidden().order_by("created_at", "id"))


def empty(collection):
    """Remove what is in the feed of `collection`, then its object: no entry per link."""
    feed_manager.empty_feed("collection", collection.pk, subject=collection)
    feed_manager.delete_object(collection)


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

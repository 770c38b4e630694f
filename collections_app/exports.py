"""Export a person's collections, as data for the take-out and as a bookmark file for browsers."""

from collections_app import bookmarks
from collections_app.models import Content


def collections_of(person):
    """Yield a person's collections with all their `links`, both with the oldest first."""
    for collection in person.collections.order_by("created_at", "id").iterator():
        collection.links = collection.contents.order_by("created_at", "id")
        yield collection


def as_data(collection):
    return {
        "name": collection.name,
        "description": collection.description,
        "created": collection.created_at,
        "hidden_by_a_moderator": collection.hidden_reason,
        "links": [_link_as_data(link) for link in collection.links],
    }


def _link_as_data(link: Content):
    return {
        "url": link.url,
        "title": link.title,
        "description": link.description,
        "added": link.created_at,
        "hidden_by_a_moderator": link.hidden_reason,
    }


def as_bookmarks(collections):
    """Yield the lines of a bookmark file with a folder for each collection."""
    return bookmarks.write(
        (
            bookmarks.Folder(collection.name, collection.description),
            map(_as_bookmark, collection.links),
        )
        for collection in collections
    )


def _as_bookmark(link):
    added = int(link.created_at.timestamp())
    return bookmarks.Bookmark(0, link.url, 0, added, link.title, link.description)

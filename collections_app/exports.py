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
        **collection.texts,
        "created": collection.created_at,
        "hidden_by_a_moderator": collection.hidden_reason,
        "links": [_link_as_data(link) for link in collection.links],
    }


def _link_as_data(link: Content):
    return {
        **link.texts,
        "added": link.created_at,
        "hidden_by_a_moderator": link.hidden_reason,
    }


def as_bookmarks(collections):
    """Yield the lines of a bookmark file with a folder for each collection."""
    return bookmarks.write(
        (
            bookmarks.Folder(collection.name, _other_texts(collection, "name")),
            map(_as_bookmark, collection.links),
        )
        for collection in collections
    )


def _as_bookmark(link):
    added = int(link.created_at.timestamp())
    texts = _other_texts(link, "url", "title")
    return bookmarks.Bookmark(0, link.url, 0, added, link.title, texts)


def _other_texts(row, *names):
    """Return the texts that a bookmark file has only its description for: all but `names`."""
    return "\n".join(text for name, text in row.texts.items() if text and name not in names)

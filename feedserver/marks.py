"""Seen and read marks of the groups of a notification feed."""

from dataclasses import dataclass

from django.db.models import Q

from feedserver import ids
from feedserver.database import atomically
from feedserver.errors import InvalidInput
from feedserver.models import ActivityGroup, FeedEntry

MAX_IDS = 100
_ALL, _CURRENT = "true", "current"
_NONE = {"", "false", "0"}


@dataclass(frozen=True)
class Marks:
    """The groups to mark: "true" for all, "current" for those on the page, ids, or ""."""

    seen: str = ""
    read: str = ""

    def __bool__(self):
        return bool(self.seen or self.read)


def read_marks(query):
    """Return the Marks in a query string."""
    return Marks(_read(query, "mark_seen"), _read(query, "mark_read"))


def _read(query, name):
    text = query.get(name, "")
    lowered = text.lower()
    if lowered in _NONE:
        return ""
    if lowered in {_ALL, "1"}:
        return _ALL
    if text.count(",") >= MAX_IDS:
        raise InvalidInput(f"'{name}' may hold at most {MAX_IDS} ids.", field=name)
    return _CURRENT if lowered == _CURRENT else text


@atomically
def mark(feed, marks, page_groups):
    """Mark groups of the feed with the key `feed`; seen and read are independent of each other."""
    for field, selector in (("is_seen", marks.seen), ("is_read", marks.read)):
        if selector:
            groups = _select_groups(feed, selector, page_groups).filter(**{field: False})
            groups.update(**{field: True})


def _select_groups(feed, selector, page_groups):
    groups = ActivityGroup.objects.filter(feed=feed)
    if selector == _ALL:
        return groups
    if selector == _CURRENT:
        return groups.filter(pk__in=[group.pk for group in page_groups])
    # By activity and by name: the id of a group changes with its newest activity, and a client may
    # send an older id.
    parts = [text.strip().partition(".") for text in selector.split(",")]
    keys = [key for text, _dot, _name in parts if (key := ids.boundary(text))]
    names = [name for _text, _dot, name in parts if name]
    entries = FeedEntry.objects.filter(feed=feed, activity__in=keys)
    return groups.filter(Q(pk__in=entries.values("group_id")) | Q(name__in=names))

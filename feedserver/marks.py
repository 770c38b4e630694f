"""What of a notification feed its owner has seen and read (Stream's documentation, "Mark")."""

from dataclasses import dataclass

from django.db.models import Q

from feedserver import ids
from feedserver.database import atomically
from feedserver.errors import InvalidInput
from feedserver.models import ActivityGroup, FeedEntry

MOST_IDS = 100
_ALL, _SHOWN = "true", "current"
_NONE = {"", "false", "0"}


@dataclass(frozen=True)
class Marks:
    """What to mark: "true" for all groups, "current" for those shown, ids, or nothing."""

    seen: str = ""
    read: str = ""

    def __bool__(self):
        return bool(self.seen or self.read)


def read_marks(query):
    """Return the Marks that a query string asks for."""
    return Marks(_read(query, "mark_seen"), _read(query, "mark_read"))


def _read(query, name):
    text = query.get(name, "")
    lowered = text.lower()
    if lowered in _NONE:
        return ""
    if lowered in {_ALL, "1"}:
        return _ALL
    if text.count(",") >= MOST_IDS:
        raise InvalidInput(f"'{name}' may hold at most {MOST_IDS} ids.", field=name)
    return _SHOWN if lowered == _SHOWN else text


@atomically
def mark(feed, marks, *, shown):
    """Mark groups of the feed with the key `feed`; seen and read are independent of each other."""
    for field, which in (("is_seen", marks.seen), ("is_read", marks.read)):
        if which:
            groups = _choose(feed, which, shown).filter(**{field: False})
            groups.update(**{field: True})


def _choose(feed, which, shown):
    groups = ActivityGroup.objects.filter(feed=feed)
    if which == _ALL:
        return groups
    if which == _SHOWN:
        return groups.filter(pk__in=[group.pk for group in shown])
    # A group that has moved since, or lost the activity that its id began with, is still meant.
    parts = [text.strip().partition(".") for text in which.split(",")]
    keys = [key for text, _dot, _name in parts if (key := ids.boundary(text))]
    names = [name for _text, _dot, name in parts if name]
    entries = FeedEntry.objects.filter(feed=feed, activity__in=keys)
    return groups.filter(Q(pk__in=entries.values("group_id")) | Q(name__in=names))

"""What of a notification feed its owner has seen and read (Stream's documentation, "Mark")."""

from dataclasses import dataclass

from feedserver import ids
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


def mark(feed, marks, *, shown):
    """Mark groups of `feed`; seen and read are independent of each other."""
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
    # The id of a group that has moved since, or of any of its activities, still names it.
    named = (ids.boundary(text.strip().partition(".")[0]) for text in which.split(","))
    entries = FeedEntry.objects.filter(feed=feed, activity__in=[key for key in named if key])
    return groups.filter(pk__in=entries.values("group_id"))

"""An activity goes to the feeds that it is added to, and from there to those that follow them."""

from django.db.models import Exists, OuterRef

from feedserver import lengths
from feedserver.aggregation import group_name
from feedserver.entries.flat import into_flat_feeds
from feedserver.entries.grouped import into_groups
from feedserver.entries.removal import shorten
from feedserver.groups import known_groups
from feedserver.models import Activity, FeedEntry, Follow
from feedserver.removed import returning


def distribute(held, *, fan_out=True):
    """Add activities to feeds and, if they fan out, to all that follow these, one level.

    `held` is a list of pairs: an activity, and the feeds (rows) that it is added to.
    """
    aggregating = [group for group in known_groups() if group.aggregates]
    into_flat_feeds(held, {group.slug for group in aggregating}, fan_out)
    reached = [group for group in aggregating if _reaches(group, held, fan_out)]
    named = [
        (group_name(group, activity), group, activity, feeds)
        for activity, feeds in held
        for group in reached
    ]
    activities = [activity for activity, _feeds in held]
    back = returning(reached, activities)
    grouped = _grouped(activities) if named else set()
    # In the order of names and groups; what is alike in all that counts, and new, goes together.
    alike = {}
    for name, group, activity, feeds in sorted(named, key=lambda row: (row[0], row[1].slug)):
        keys = frozenset(feed.pk for feed in feeds)
        apart = activity.pk if activity.pk in grouped else None
        kind = (name, group.slug, activity.actor, activity.pk in back, keys, apart)
        alike.setdefault(kind, (group, feeds, []))[2].append(activity)
    for (name, _, _, is_back, _, apart), (group, feeds, some) in alike.items():
        how = {"fan_out": fan_out, "is_back": is_back, "is_held": apart is not None}
        into_groups(name, group, some, feeds, **how)
    if fan_out:
        shorten(lengths.note_fan_out(held))


def _grouped(activities):
    """Return the keys of those of `activities` that a group holds already.

    No more can be until the end: whoever puts one into a group has locked it before.
    """
    entries = FeedEntry.objects.filter(activity=OuterRef("pk"), group__isnull=False)
    known = Activity.objects.filter(Exists(entries), pk__in=[row.pk for row in activities])
    return set(known.values_list("pk", flat=True))


def _reaches(group, held, fan_out):
    """Whether any of the feeds in `held` is of `group`, or fans out to one that is."""
    feeds = {feed.pk: feed for _, feeds in held for feed in feeds}
    return any(feed.slug == group.slug for feed in feeds.values()) or (
        fan_out and Follow.objects.filter(target__in=feeds, source__slug=group.slug).exists()
    )

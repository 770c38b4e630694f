"""Fan-out: activities are added to feeds, and copied to the feeds that follow these."""

from django.db.models import Exists, OuterRef

from feedserver import feed_lengths
from feedserver.aggregation import group_name
from feedserver.entries.flat_feeds import add_to_flat_feeds
from feedserver.entries.grouped_feeds import add_to_groups
from feedserver.entries.removal import trim
from feedserver.groups import configured_groups
from feedserver.models import Activity, FeedEntry, Follow
from feedserver.removed_activities import find_returning


def distribute(additions, *, fan_out=True):
    """Add activities to feeds and, with `fan_out`, to the feeds that follow these, one level.

    `additions` is a list of pairs: an activity, and the feeds (rows) that it is added to.
    """
    aggregating = [group for group in configured_groups() if group.aggregates]
    add_to_flat_feeds(additions, {group.slug for group in aggregating}, fan_out)
    reached = [group for group in aggregating if _reaches(group, additions, fan_out)]
    named = [
        (group_name(group, activity), group, activity, feeds)
        for activity, feeds in additions
        for group in reached
    ]
    activities = [activity for activity, _feeds in additions]
    returning = find_returning(reached, activities)
    grouped = _find_grouped(activities) if named else set()
    # In the order of names and groups. New activities that differ in nothing that is counted are
    # added together.
    batches = {}
    for name, group, activity, feeds in sorted(named, key=lambda row: (row[0], row[1].slug)):
        keys = frozenset(feed.pk for feed in feeds)
        alone = activity.pk if activity.pk in grouped else None
        batch = (name, group.slug, activity.actor, activity.pk in returning, keys, alone)
        batches.setdefault(batch, (group, feeds, []))[2].append(activity)
    for (name, _, _, is_returning, _, alone), (group, feeds, members) in batches.items():
        options = {"is_returning": is_returning, "is_grouped": alone is not None}
        add_to_groups(name, group, members, feeds, fan_out=fan_out, **options)
    if fan_out:
        trim(feed_lengths.count_fan_out(additions))


def _find_grouped(activities):
    """Return the keys of those of `activities` that are in a group already.

    The caller has locked the activities, so no other transaction can add them to groups.
    """
    entries = FeedEntry.objects.filter(activity=OuterRef("pk"), group__isnull=False)
    grouped = Activity.objects.filter(Exists(entries), pk__in=[row.pk for row in activities])
    return set(grouped.values_list("pk", flat=True))


def _reaches(group, additions, fan_out):
    """Return whether any of the feeds in `additions` is of `group`, or fans out to one that is."""
    feeds = {feed.pk: feed for _, feeds in additions for feed in feeds}
    return any(feed.slug == group.slug for feed in feeds.values()) or (
        fan_out and Follow.objects.filter(target__in=feeds, source__slug=group.slug).exists()
    )

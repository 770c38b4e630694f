"""Activities in flat feeds: a row for each, and one more for each way that it came."""

from feedserver.models import FeedEntry
from feedserver.sql import ENTRY, FEED, FOLLOW, execute, key, marks


def into_flat_feeds(held, aggregating, fan_out):
    """Add activities to those of their feeds that are flat, and to flat followers.

    `aggregating` are the slugs of the groups whose feeds are not flat.
    """
    direct = {
        (feed.pk, activity.pk)
        for activity, feeds in held
        for feed in feeds
        if feed.slug not in aggregating
    }
    FeedEntry.objects.bulk_create(
        [
            FeedEntry(feed_id=feed, activity_id=activity, origin_id=feed)
            for feed, activity in sorted(direct)
        ],
        ignore_conflicts=True,
    )
    # Not every one of these activities was added to every one of these feeds.
    added = {}
    for activity, feeds in held if fan_out else []:
        flat = frozenset(feed.pk for feed in feeds if feed.slug not in aggregating)
        added.setdefault(flat, []).append(activity.pk)
    for feeds, activities in added.items():
        if feeds:
            _copy_to_flat_followers(feeds, activities, aggregating | {""})


def _copy_to_flat_followers(feeds, activities, aggregating):
    execute(
        f"""
        INSERT INTO {ENTRY} (feed_id, activity_id, origin_id)
        SELECT follow.source_id, entry.activity_id, entry.origin_id
        FROM {ENTRY} entry
        JOIN {FOLLOW} follow ON follow.target_id = entry.origin_id
        JOIN {FEED} feed ON feed.id = follow.source_id
        WHERE entry.feed_id = entry.origin_id
          AND entry.feed_id IN ({marks(feeds)})
          AND entry.activity_id IN ({marks(activities)})
          AND feed.slug NOT IN ({marks(aggregating)})
        ON CONFLICT DO NOTHING
        """,
        [*feeds, *map(key, activities), *aggregating],
    )

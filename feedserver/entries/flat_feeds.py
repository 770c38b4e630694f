"""Entries of flat feeds: a row for each activity and origin."""

from feedserver.models import FeedEntry
from feedserver.sql import ENTRY, FEED, FOLLOW, db_id, execute, placeholders


def add_to_flat_feeds(additions, aggregating, fan_out):
    """Add activities to those of their feeds that are flat, and to flat followers.

    `aggregating` are the slugs of the groups whose feeds are not flat.
    """
    direct = {
        (feed.pk, activity.pk)
        for activity, feeds in additions
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
    # Activities by the same feeds: not every activity was added to every feed.
    added = {}
    for activity, feeds in additions if fan_out else []:
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
          AND entry.feed_id IN ({placeholders(feeds)})
          AND entry.activity_id IN ({placeholders(activities)})
          AND feed.slug NOT IN ({placeholders(aggregating)})
        ON CONFLICT DO NOTHING
        """,
        [*feeds, *map(db_id, activities), *aggregating],
    )

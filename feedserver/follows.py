"""Follows: the activities of the target are copied into the source."""

from collections import Counter
from dataclasses import dataclass

from feedserver import entries, feed_lengths
from feedserver.database import atomically, find_feeds, lock_existing_feeds, lock_feeds
from feedserver.errors import InvalidInput
from feedserver.feed_ids import FeedId, parse_feed_id
from feedserver.groups import get_group
from feedserver.models import Follow
from feedserver.sql import FOLLOW, execute, pairs_condition
from feedserver.times import record_time

DEFAULT_COPY_LIMIT = 100
MAX_COPY_LIMIT = 1000
# For each count, the end of a follow that is the given feed and the end that is counted.
COUNTED = {"followers": ("target", "source"), "following": ("source", "target")}


@dataclass(frozen=True)
class Relation:
    """A follow of `target` by `source` that a request begins or ends."""

    source: FeedId
    target: FeedId
    copy_limit: int = DEFAULT_COPY_LIMIT
    keep_history: bool = False


def read_copy_limit(value, default=DEFAULT_COPY_LIMIT):
    """Return the number of activities to copy, at most `MAX_COPY_LIMIT`."""
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        name = "activity_copy_limit"
        raise InvalidInput(f"'{name}' must be a number, 0 or more.", field=name)
    return min(value, MAX_COPY_LIMIT)


def read_keep_history(value):
    """Return whether copies stay when a follow ends."""
    if value not in (None, True, False):
        raise InvalidInput("'keep_history' must be true or false.", field="keep_history")
    return bool(value)


def check_followable(relation):
    """Raise InvalidInput for a follow that Stream does not allow."""
    if relation.source == relation.target:
        raise InvalidInput("A feed cannot follow itself.", field="target")
    if not get_group(relation.target.slug).followable:
        raise InvalidInput("Only flat feeds can be followed.", field="target")


@atomically
def follow(relations):
    """Begin follows, and copy the newest activities of each target that was not followed yet."""
    for relation in relations:
        check_followable(relation)
    feeds = lock_feeds(feed for row in relations for feed in (row.source, row.target))
    # The locks keep others from following or unfollowing between these lines.
    existing = _existing_follows(feeds.values())
    new = {}
    for row in relations:
        pair = feeds[row.source].pk, feeds[row.target].pk
        if pair not in existing:
            new.setdefault(pair, row)
    Follow.objects.bulk_create(Follow(source_id=source, target_id=target) for source, target in new)
    by_key = {feed.pk: feed for feed in feeds.values()}
    copies = [
        entries.HistoryCopy(by_key[source], by_key[target], row.copy_limit)
        for (source, target), row in new.items()
        if row.copy_limit
    ]
    entries.copy_history(copies)
    copied = Counter()
    for copy in copies:
        copied[copy.source.pk] += copy.limit
    entries.trim(feed_lengths.count_follows(copied))


def _existing_follows(feeds):
    keys = [feed.pk for feed in feeds]
    rows = Follow.objects.filter(source__in=keys, target__in=keys)
    return set(rows.values_list("source_id", "target_id"))


@atomically
def unfollow(relations):
    """End follows, and remove the copies they brought unless the history is kept."""
    feeds = lock_existing_feeds(feed for row in relations for feed in (row.source, row.target))
    ended, purged = set(), set()
    for row in relations:
        if row.source in feeds and row.target in feeds and row.source != row.target:
            pair = feeds[row.source].pk, feeds[row.target].pk
            ended.add(pair)
            if not row.keep_history:
                purged.add(pair)
    if ended:
        condition, parameters = pairs_condition(["source_id", "target_id"], ended)
        execute(f"DELETE FROM {FOLLOW} WHERE {condition}", parameters)
    if purged:
        entries.purge(purged)
    entries.delete_unused_feeds(feeds.values())


def list_following(feed_id, *, limit, offset, filter_ids):
    """Return the feeds that a feed follows, newest first, rendered."""
    rows = Follow.objects.filter(source__slug=feed_id.slug, source__user_id=feed_id.user_id)
    return _list(rows, "target", limit, offset, filter_ids)


def list_followers(feed_id, *, limit, offset, filter_ids):
    """Return the feeds that follow a feed, newest first, rendered."""
    rows = Follow.objects.filter(target__slug=feed_id.slug, target__user_id=feed_id.user_id)
    return _list(rows, "source", limit, offset, filter_ids)


def count(name, feed_id, slugs):
    """Return the number of "followers" or "following" of a feed, of the groups `slugs` if any."""
    own, other = COUNTED[name]
    ends = {f"{own}__slug": feed_id.slug, f"{own}__user_id": feed_id.user_id}
    rows = Follow.objects.filter(**ends)
    return (rows.filter(**{f"{other}__slug__in": slugs}) if slugs else rows).count()


def _list(rows, other, limit, offset, filter_ids):
    if filter_ids:
        feed_ids = [parse_feed_id(text, field="filter") for text in filter_ids]
        rows = rows.filter(**{f"{other}__in": find_feeds(feed_ids).values()})
    rows = rows.select_related("source", "target").order_by("-id")[offset : offset + limit]
    return [render_follow(row) for row in rows]


def render_follow(row):
    return {
        "feed_id": str(row.source),
        "target_id": str(row.target),
        "created_at": record_time(row.created_at),
        "updated_at": record_time(row.updated_at),
    }

"""Following: whose activities are copied into which feed."""

from dataclasses import dataclass

from feedserver.database import atomically, copy_history, find_feed, lock_feeds
from feedserver.errors import InvalidInput
from feedserver.feed_ids import FeedId, parse_feed_id
from feedserver.groups import get_group
from feedserver.models import Feed, FeedEntry, Follow
from feedserver.times import record_time

DEFAULT_COPY_LIMIT = 100
HIGHEST_COPY_LIMIT = 1000


@dataclass(frozen=True)
class Relation:
    """That `source` follows `target`, or shall no longer."""

    source: FeedId
    target: FeedId
    copy_limit: int = DEFAULT_COPY_LIMIT
    keep_history: bool = False


def read_copy_limit(value, default=DEFAULT_COPY_LIMIT):
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        name = "activity_copy_limit"
        raise InvalidInput(f"'{name}' must be a number, 0 or more.", field=name)
    return min(value, HIGHEST_COPY_LIMIT)


def check_followable(relation):
    """Raise InvalidInput for what Stream does not let one follow."""
    if relation.source == relation.target:
        raise InvalidInput("A feed cannot follow itself.", field="target")
    if not get_group(relation.target.slug).followable:
        raise InvalidInput("Only flat feeds can be followed.", field="target")


@atomically
def follow(relations):
    """Let each source follow its target and copy the target's newest activities, once."""
    for relation in relations:
        check_followable(relation)
    feeds = lock_feeds([feed for row in relations for feed in (row.source, row.target)])
    for relation in relations:
        source, target = feeds[relation.source], feeds[relation.target]
        _, created = Follow.objects.get_or_create(source=source, target=target)
        if created and relation.copy_limit:
            copy_history(source, target, relation.copy_limit)


@atomically
def unfollow(relations):
    """End each relation, and take back what came by it unless the history is to be kept."""
    for relation in relations:
        source, target = find_feed(relation.source), find_feed(relation.target)
        if source is None or target is None:
            continue
        # Wait for whoever is adding to the target, or its copy would come after the purge.
        list(Feed.objects.select_for_update().filter(pk__in=[source.pk, target.pk]).order_by("pk"))
        Follow.objects.filter(source=source, target=target).delete()
        if not relation.keep_history and source != target:
            FeedEntry.objects.filter(feed=source, origin=target).delete()


def list_following(feed_id, *, limit, offset, filter_ids):
    """Return the feeds that a feed follows, newest first, rendered."""
    rows = Follow.objects.filter(source__slug=feed_id.slug, source__user_id=feed_id.user_id)
    return _list(rows, "target", limit, offset, filter_ids)


def list_followers(feed_id, *, limit, offset, filter_ids):
    """Return the feeds that follow a feed, newest first, rendered."""
    rows = Follow.objects.filter(target__slug=feed_id.slug, target__user_id=feed_id.user_id)
    return _list(rows, "source", limit, offset, filter_ids)


def _list(rows, other, limit, offset, filter_ids):
    if filter_ids:
        wanted = [parse_feed_id(text, field="filter") for text in filter_ids]
        feeds = [feed.pk for feed in map(find_feed, wanted) if feed]
        rows = rows.filter(**{f"{other}__in": feeds})
    rows = rows.select_related("source", "target").order_by("-id")[offset : offset + limit]
    return [render_follow(row) for row in rows]


def render_follow(row):
    return {
        "feed_id": str(row.source),
        "target_id": str(row.target),
        "created_at": record_time(row.created_at),
        "updated_at": record_time(row.updated_at),
    }

"""Activities in several feeds: added to many at once, and changes to their target feeds."""

from dataclasses import dataclass

from feedserver import audit, entries
from feedserver.activities import MAX_TARGETS, lock_with_targets, save, split_feed_id
from feedserver.database import atomically, lock_existing_feeds, lock_feeds
from feedserver.errors import InvalidInput, NotFound
from feedserver.models import Activity, FeedEntry


@atomically
def add_to_feeds(feed_ids, draft, *, fan_out=True, audited=True):
    """Add one activity to each of `feed_ids`; return its row."""
    feeds = lock_feeds(feed_ids)
    (row,) = save([draft.row]).values()
    entries.distribute([(row, list(feeds.values()))], fan_out=fan_out)
    if audited:
        audit.record(audit.CREATE, [row])
    return row


@atomically
def remove_from_feeds(feeds_by_activity):
    """Remove activities from feeds, and their copies from the feeds that follow these.

    `feeds_by_activity` maps the ids of activities to the feeds, named "slug:id", that each leaves.
    """
    feeds = lock_existing_feeds(
        {split_feed_id(name) for names in feeds_by_activity.values() for name in names}
    )
    rows = Activity.objects.select_for_update()
    for activity in rows.filter(pk__in=feeds_by_activity).order_by("pk"):
        for name in map(split_feed_id, feeds_by_activity[activity.pk]):
            if name in feeds:
                entries.remove_entries(activity, feeds[name], [feeds[name]])
        if not FeedEntry.objects.filter(activity=activity).exists():
            activity.delete()
    entries.delete_unused_feeds(feeds.values())


@dataclass(frozen=True)
class TargetsUpdate:
    """A change of an activity's target feeds: `new` replaces all; or `added` and `removed`."""

    activity_id: object
    new: tuple | None
    added: tuple
    removed: tuple


@atomically
def update_targets(feed_id, updates, *, check_actors):
    """Apply `updates`, a list of TargetsUpdate, to activities of `feed_id`: all or none.

    Return a tuple for each: the activity, and the feed ids that were added and removed.
    `check_actors` is called with the actors and may raise an error. Raise NotFound for an activity
    that was not added to that feed.
    """
    activities = Activity.objects.filter(pk__in={update.activity_id for update in updates} - {None})
    targets = [name for update in updates for name in (*(update.new or ()), *update.added)]
    feeds = lock_with_targets([feed_id, *targets], activities, lock=lock_feeds)
    rows = {row.pk: row for row in activities.select_for_update(no_key=True).order_by("pk")}
    check_actors({row.actor for row in rows.values()})
    source = feeds[feed_id]
    direct = FeedEntry.objects.filter(feed=source, activity__in=rows, origin=source)
    known = set(direct.values_list("activity_id", flat=True))
    if not known.issuperset(update.activity_id for update in updates):
        raise NotFound(f"'{feed_id}' has no such activity.")
    results = [_apply(update, rows[update.activity_id], feed_id, feeds) for update in updates]
    entries.delete_unused_feeds(feeds.values())
    audit.record(audit.UPDATE, rows.values())
    return results


def _apply(update, activity, feed_id, feeds):
    new, added, removed = update.new, update.added, update.removed
    before = list(map(split_feed_id, activity.to))
    after = [name for name in before if name not in removed] if new is None else list(new)
    after = list(dict.fromkeys([*after, *added]))
    if len(after) > MAX_TARGETS:
        raise InvalidInput(f"'to' may hold at most {MAX_TARGETS} feed ids.", field="to")
    joined = [name for name in after if name not in before]
    left = [name for name in before if name not in after]
    activity.to = list(map(str, after))
    activity.save(update_fields=["to"])
    if joined:
        entries.distribute([(activity, [feeds[name] for name in joined])])
    for name in left:
        # A target that a concurrent write to another feed added is not locked: that write is later.
        if name in feeds and name != feed_id:
            entries.remove_entries(activity, feeds[name], [feeds[name]])
    return activity, list(map(str, joined)), list(map(str, left))

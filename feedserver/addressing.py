"""Activities in many feeds: written to several at once, and to whom they are addressed."""

from feedserver import audit, entries
from feedserver.activities import MOST_TARGETS, lock_with_targets, save, split_name
from feedserver.database import atomically, lock_feeds, lock_known_feeds
from feedserver.errors import InvalidInput, NotFound
from feedserver.models import Activity, FeedEntry


@atomically
def add_to_feeds(feed_ids, draft, *, fan_out=True):
    """Add one activity to each of `feed_ids`; return its row."""
    feeds = lock_feeds(feed_ids)
    (row,) = save([draft.row]).values()
    entries.distribute([(row, list(feeds.values()))], fan_out=fan_out)
    return row


@atomically
def remove_from_feeds(held):
    """Take activities out of feeds, and out of all that got them from there.

    `held` maps the ids of activities to the feeds, named "slug:id", that each leaves.
    """
    feeds = lock_known_feeds({split_name(name) for names in held.values() for name in names})
    rows = Activity.objects.select_for_update()
    for activity in rows.filter(pk__in=held).order_by("pk"):
        for name in map(split_name, held[activity.pk]):
            if name in feeds:
                entries.take_out(activity, feeds[name], [feeds[name]])
        if not FeedEntry.objects.filter(activity=activity).exists():
            activity.delete()
    entries.forget_bare_feeds(feeds.values())


@atomically
def update_targets(feed_id, activity_id, *, new=None, added=(), removed=()):
    """Address an activity of `feed_id` to `new` feeds, or to some more and some less.

    Returns the activity and the feed ids that were added and removed. Raises NotFound unless the
    activity was added to that feed.
    """
    named = Activity.objects.filter(pk=activity_id)
    feeds = lock_with_targets([feed_id, *(new or ()), *added], named, lock=lock_feeds)
    activity = named.select_for_update(no_key=True).first()
    source = feeds[feed_id]
    if not (
        activity
        and FeedEntry.objects.filter(feed=source, activity=activity_id, origin=source).exists()
    ):
        raise NotFound(f"'{feed_id}' has no such activity.")
    before = list(map(split_name, activity.to))
    after = [name for name in before if name not in removed] if new is None else list(new)
    after = list(dict.fromkeys([*after, *added]))
    if len(after) > MOST_TARGETS:
        raise InvalidInput(f"'to' may hold at most {MOST_TARGETS} feed ids.", field="to")
    coming = [name for name in after if name not in before]
    going = [name for name in before if name not in after]
    activity.to = list(map(str, after))
    activity.save(update_fields=["to"])
    if coming:
        entries.distribute([(activity, [feeds[name] for name in coming])])
    for name in going:
        # Who addresses it from another feed at the same time comes after this.
        if name in feeds and name != feed_id:
            entries.take_out(activity, feeds[name], [feeds[name]])
    entries.forget_bare_feeds(feeds.values())
    audit.record(audit.UPDATE, [activity])
    return activity, list(map(str, coming)), list(map(str, going))

"""Activities in many feeds: written to several at once, and to whom they are addressed."""

from dataclasses import dataclass

from feedserver import audit, entries
from feedserver.activities import MOST_TARGETS, lock_with_targets, save, split_name
from feedserver.database import atomically, lock_feeds, lock_known_feeds
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


@dataclass(frozen=True)
class Readdressing:
    """To which feeds an activity goes: to `new`, or to those `added` and not those `removed`."""

    activity_id: object
    new: tuple | None
    added: tuple
    removed: tuple


@atomically
def update_targets(feed_id, updates, *, check_actors):
    """Address activities of `feed_id` by `updates`, a list of Readdressing: all or none.

    Returns for each the activity and the feed ids that were added and removed. `check_actors` is
    given the actors and may refuse. Raises NotFound for an activity not added to that feed.
    """
    named = Activity.objects.filter(pk__in={update.activity_id for update in updates} - {None})
    coming = [name for update in updates for name in (*(update.new or ()), *update.added)]
    feeds = lock_with_targets([feed_id, *coming], named, lock=lock_feeds)
    rows = {row.pk: row for row in named.select_for_update(no_key=True).order_by("pk")}
    check_actors({row.actor for row in rows.values()})
    source = feeds[feed_id]
    own = FeedEntry.objects.filter(feed=source, activity__in=rows, origin=source)
    known = set(own.values_list("activity_id", flat=True))
    if not known.issuperset(update.activity_id for update in updates):
        raise NotFound(f"'{feed_id}' has no such activity.")
    answers = [_readdress(feed_id, rows[one.activity_id], one, feeds) for one in updates]
    entries.forget_bare_feeds(feeds.values())
    audit.record(audit.UPDATE, rows.values())
    return answers


def _readdress(feed_id, activity, update, feeds):
    new, added, removed = update.new, update.added, update.removed
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
    return activity, list(map(str, coming)), list(map(str, going))

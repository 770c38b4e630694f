"""Writes of activities: add, replace and remove; and their rendering."""

from dataclasses import dataclass

from feedserver import audit, bodies, entries, ids, removed_activities
from feedserver.database import atomically, find_feed, lock_existing_feeds, lock_feeds
from feedserver.errors import InvalidInput
from feedserver.feed_ids import FeedId, parse_feed_id
from feedserver.models import Activity, FeedEntry
from feedserver.times import activity_time, parse_time

MAX_VERB_BYTES = 255
MAX_FOREIGN_ID_BYTES = 255
MAX_TARGETS = 100
RESERVED = {"id", "actor", "verb", "object", "target", "foreign_id", "time", "origin", "to"}
CONTENT = ["actor", "verb", "object", "target", "foreign_id", "time", "to", "data"]


@dataclass(frozen=True)
class Draft:
    """A valid activity that a client sent, with its id, and its target feeds `to`."""

    row: Activity
    to: tuple


def read_draft(sent):
    """Return the Draft of the object `sent`; raise InvalidInput for what Stream would reject."""
    check_size(sent)
    row = Activity(
        actor=_text(sent, "actor"),
        verb=_text(sent, "verb", max_bytes=MAX_VERB_BYTES),
        object=_text(sent, "object"),
        target=_text(sent, "target", required=False),
        foreign_id=_text(sent, "foreign_id", required=False, max_bytes=MAX_FOREIGN_ID_BYTES),
        data={name: value for name, value in sent.items() if name not in RESERVED},
    )
    time = sent.get("time")
    has_time = time not in (None, "")
    row.time = parse_time(time) if has_time else ids.next_time()
    row.id = _make_id(row, has_time=has_time)
    to = read_targets(sent.get("to"), field="to", maximum=MAX_TARGETS)
    row.to = [str(feed_id) for feed_id in to]
    return Draft(row, to)


def check_size(sent):
    """Raise InvalidInput for an activity that is too large."""
    # Without `to`, in which the Python client sends a token for each feed.
    counted = {name: value for name, value in sent.items() if name != "to"}
    bodies.check_size(counted, "An activity")


def _make_id(row, *, has_time):
    """Return the id of an activity: foreign id and time, or content and time, give one id."""
    if row.foreign_id:
        return ids.id_of_foreign_id(row.foreign_id, row.time)
    if has_time:
        content = [row.actor, row.verb, row.object, row.target, row.data]
        return ids.id_of_content(content, row.time)
    return ids.fresh_id(row.time)


def _text(sent, name, *, required=True, max_bytes=None):
    """Return one of Stream's own fields as text; numbers are converted."""
    value = bodies.as_text(sent.get(name), (int, float))
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise InvalidInput(f"'{name}' is required and must be a string.", field=name)
    if max_bytes and len(value.encode()) > max_bytes:
        raise InvalidInput(f"'{name}' may be at most {max_bytes} bytes long.", field=name)
    return value


def read_targets(value, *, field, maximum):
    """Return the feed ids of a list, each once; none for null."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > maximum:
        raise InvalidInput(f"'{field}' must be a list of at most {maximum} feed ids.", field=field)
    # The Python client sends "slug:id token"; the token of the request is enough.
    names = [name.split(" ")[0] if isinstance(name, str) else name for name in value]
    return tuple(dict.fromkeys(parse_feed_id(name, field=field) for name in names))


@atomically
def add_activities(feed_id, drafts, *, check_actors=None):
    """Add activities to a feed and to their target feeds, and fan each out one level.

    An existing activity (same foreign id and time) gets the new content. `check_actors` is called
    with the actors of existing activities and may raise an error. Return the rows in the order of
    `drafts`.
    """
    if not drafts:
        return []
    feeds = lock_feeds([feed_id, *(target for draft in drafts for target in draft.to)])
    rows = save([draft.row for draft in drafts], check_actors)
    feeds_by_key = {}
    for draft in drafts:
        feeds_of_draft = feeds_by_key.setdefault(draft.row.pk, {})
        feeds_of_draft.update((name, feeds[name]) for name in (feed_id, *draft.to))
    entries.distribute([(rows[key], list(added.values())) for key, added in feeds_by_key.items()])
    audit.record(audit.CREATE, rows.values())
    return [rows[draft.row.pk] for draft in drafts]


def save(rows, check_actors=None):
    """Insert or overwrite activities, locked in the order of their keys; return them by id.

    `check_actors` is called with the actors of existing activities, once they are locked, and may
    raise an error. Existing target feeds are kept: otherwise a removal would miss them.
    """
    by_id = {}
    for row in rows:
        if row.pk in by_id:
            row.to = _merge(by_id[row.pk].to, row.to)
        by_id[row.pk] = row
    # This locks an existing row without changing it: its time is part of its id.
    Activity.objects.bulk_create(
        sorted(by_id.values(), key=lambda row: row.pk),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["time"],
    )
    locked = list(Activity.objects.filter(pk__in=by_id))
    if check_actors:
        check_actors({before.actor for before in locked})
    for before in locked:
        _overwrite(before, by_id[before.pk])
    return by_id


def _overwrite(before, row):
    row.to = _merge(before.to, row.to)
    if any(getattr(before, name) != getattr(row, name) for name in CONTENT):
        row.save(force_update=True, update_fields=CONTENT)
        if before.actor != row.actor:
            entries.recount_groups_of([row.pk])


def _merge(*lists):
    return list(dict.fromkeys(name for names in lists for name in names))


@atomically
def update_activities(items):
    """Replace the content of the activities with these foreign ids and times; ignore unknown ones.

    Neither the feeds that hold an activity nor its `to` change.
    """
    rows = {draft.row.pk: draft.row for draft in map(_read_update, items)}
    existing = Activity.objects.select_for_update(no_key=True).filter(pk__in=rows).order_by("pk")
    changed_actors = []
    for before in existing:
        row = rows[before.pk]
        row.to = before.to
        row.save(force_update=True, update_fields=CONTENT)
        if row.actor != before.actor:
            changed_actors.append(row.pk)
    entries.recount_groups_of(changed_actors)
    audit.record(audit.UPDATE, existing)


def _read_update(sent):
    for name in ("foreign_id", "time"):
        if not sent.get(name):
            raise InvalidInput(f"'{name}' is required to update an activity.", field=name)
    return read_draft({**sent, "to": None})


@atomically
def remove_activity(feed_id, activity_id):
    """Remove an activity from a feed and, if it was added there, all copies made from there."""
    _remove(feed_id, Activity.objects.filter(pk=activity_id))


@atomically
def remove_foreign_id(feed_id, foreign_id):
    """Remove every activity with this foreign id from a feed, as `remove_activity` does."""
    feed = find_feed(feed_id)
    if feed and foreign_id:
        entries_of_feed = FeedEntry.objects.filter(feed=feed, activity__foreign_id=foreign_id)
        _remove(feed_id, Activity.objects.filter(pk__in=entries_of_feed.values("activity_id")))


def _remove(feed_id, activities):
    feeds = lock_with_targets([feed_id], activities)
    if feed_id in feeds:
        # Read them again: only now are these feeds and the activities' targets locked.
        locked = {row.pk: row for row in activities.select_for_update().order_by("pk")}
        deleted = [
            key for key, row in locked.items() if _remove_from_feed(row, feeds[feed_id], feeds)
        ]
        entries.delete_unused_feeds(feeds.values())
        removed_activities.remember(deleted)


def lock_with_targets(feed_ids, activities, lock=lock_existing_feeds):
    """Return feeds and the target feeds of `activities`, locked.

    Include targets that are added while this waits: an update of targets locks its feed first.
    """
    seen, feeds = set(), {}
    while missing := {*feed_ids, *_targets_of(activities)} - seen:
        feeds |= lock(missing)
        seen |= missing
    return feeds


def _targets_of(activities):
    return {split_feed_id(name) for to in activities.values_list("to", flat=True) for name in to}


def _remove_from_feed(activity, feed, feeds):
    """Remove an activity from `feed`, and the copies made from there.

    From the feed it was added to, it is removed with its target feeds; from a target feed, only
    with the followers of that feed. Return whether no feed holds it any longer and it is deleted.
    """
    remaining = FeedEntry.objects.filter(activity=activity)
    sources = []
    if remaining.filter(feed=feed, origin=feed).exists():
        targets = [] if str(feed) in activity.to else map(split_feed_id, activity.to)
        sources = [feed, *(feeds[name] for name in targets if name in feeds)]
    entries.remove_entries(activity, feed, sources)
    if remaining.exists():
        return False
    audit.record(audit.DELETE, [activity])
    activity.delete()
    return True


def split_feed_id(name):
    """Return the id in a stored name "slug:id", even if its group is no longer configured."""
    return FeedId(*name.split(":", 1))


def render_activity(activity, origin=None):
    """Return an activity as responses have it; `origin` is the feed it was copied from."""
    rendered = {
        "actor": activity.actor,
        "foreign_id": activity.foreign_id,
        "id": ids.to_wire(activity.pk),
        "object": activity.object,
        "origin": origin,
        "target": activity.target,
        "time": activity_time(activity.time),
        "verb": activity.verb,
        **activity.data,
    }
    if activity.to:
        rendered["to"] = activity.to
    return rendered

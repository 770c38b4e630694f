"""Adding, changing, removing and rendering activities."""

from dataclasses import dataclass

from feedserver import audit, bodies, entries, ids, removed
from feedserver.database import atomically, find_feed, lock_feeds, lock_known_feeds
from feedserver.errors import InvalidInput
from feedserver.feed_ids import FeedId, parse_feed_id
from feedserver.models import Activity, FeedEntry
from feedserver.times import activity_time, parse_time

LONGEST_VERB = 255
LONGEST_FOREIGN_ID = 255
MOST_TARGETS = 100
RESERVED = {"id", "actor", "verb", "object", "target", "foreign_id", "time", "origin", "to"}
CONTENT = ["actor", "verb", "object", "target", "foreign_id", "time", "to", "data"]


@dataclass(frozen=True)
class Draft:
    """An activity as a client sent it: checked, named, and the feeds it is addressed to."""

    row: Activity
    to: tuple


def read_draft(sent):
    """Return the Draft of the object `sent`; raises InvalidInput for what Stream would refuse."""
    check_size(sent)
    row = Activity(
        actor=_text(sent, "actor"),
        verb=_text(sent, "verb", longest=LONGEST_VERB),
        object=_text(sent, "object"),
        target=_text(sent, "target", required=False),
        foreign_id=_text(sent, "foreign_id", required=False, longest=LONGEST_FOREIGN_ID),
        data={name: value for name, value in sent.items() if name not in RESERVED},
    )
    given = sent.get("time")
    row.time = ids.next_time() if given in (None, "") else parse_time(given)
    row.id = _name(row, is_timed=given not in (None, ""))
    to = read_targets(sent.get("to"), field="to", maximum=MOST_TARGETS)
    row.to = [str(feed_id) for feed_id in to]
    return Draft(row, to)


def check_size(sent):
    # Without `to`: there the Python client sends a token for each feed.
    counted = {name: value for name, value in sent.items() if name != "to"}
    bodies.check_size(counted, "An activity")


def _name(row, *, is_timed):
    """Return the id of an activity (protocol notes, section 2.1)."""
    if row.foreign_id:
        return ids.id_of_foreign_id(row.foreign_id, row.time)
    if is_timed:
        content = [row.actor, row.verb, row.object, row.target, row.data]
        return ids.id_of_content(content, row.time)
    return ids.fresh_id(row.time)


def _text(sent, name, *, required=True, longest=None):
    """Return a field of Stream's own as text; numbers are taken for their digits."""
    value = bodies.as_text(sent.get(name), (int, float))
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise InvalidInput(f"'{name}' is required and must be a string.", field=name)
    if longest and len(value.encode()) > longest:
        raise InvalidInput(f"'{name}' may be at most {longest} bytes long.", field=name)
    return value


def read_targets(value, *, field, maximum):
    """Return the feed ids of a list, each once; none for null."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > maximum:
        raise InvalidInput(f"'{field}' must be a list of at most {maximum} feed ids.", field=field)
    # The Python client sends "slug:id token"; the token of the writer is enough.
    names = [name.split(" ")[0] if isinstance(name, str) else name for name in value]
    return tuple(dict.fromkeys(parse_feed_id(name, field=field) for name in names))


@atomically
def add_activities(feed_id, drafts, *, check_actors=None):
    """Add activities to a feed and to those they are addressed to, and fan each out one level.

    An activity that is there already (same foreign id and time) gets the new content.
    `check_actors` is given the actors of those that are there, and may refuse. Returns the rows in
    the order of `drafts`.
    """
    if not drafts:
        return []
    feeds = lock_feeds([feed_id, *(target for draft in drafts for target in draft.to)])
    rows = save([draft.row for draft in drafts], check_actors)
    holders = {}
    for draft in drafts:
        here = holders.setdefault(draft.row.pk, {})
        here.update((name, feeds[name]) for name in (feed_id, *draft.to))
    entries.distribute([(rows[key], list(here.values())) for key, here in holders.items()])
    audit.record(audit.CREATE, rows.values())
    return [rows[draft.row.pk] for draft in drafts]


def save(rows, check_actors=None):
    """Insert or overwrite activities, locked in the order of their keys; return them by id.

    `check_actors` is given the actors of what is there once it is locked, and may refuse.

    What was addressed to a feed once stays addressed to it, or a removal would forget that feed.
    """
    by_id = {}
    for row in rows:
        if row.pk in by_id:
            row.to = _joined(by_id[row.pk].to, row.to)
        by_id[row.pk] = row
    # A row that exists is only locked by this: its time is part of its id.
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
    row.to = _joined(before.to, row.to)
    if any(getattr(before, name) != getattr(row, name) for name in CONTENT):
        row.save(force_update=True, update_fields=CONTENT)
        if before.actor != row.actor:
            entries.recount_groups_of([row.pk])


def _joined(*lists):
    return list(dict.fromkeys(name for names in lists for name in names))


@atomically
def update_activities(items):
    """Replace the content of the activities that foreign id and time name; unknown ones are left.

    The feeds that hold an activity stay as they are, and so does `to`.
    """
    rows = {draft.row.pk: draft.row for draft in map(_read_update, items)}
    found = Activity.objects.select_for_update(no_key=True).filter(pk__in=rows).order_by("pk")
    renamed = []
    for before in found:
        row = rows[before.pk]
        row.to = before.to
        row.save(force_update=True, update_fields=CONTENT)
        if row.actor != before.actor:
            renamed.append(row.pk)
    entries.recount_groups_of(renamed)
    audit.record(audit.UPDATE, found)


def _read_update(sent):
    for name in ("foreign_id", "time"):
        if not sent.get(name):
            raise InvalidInput(f"'{name}' is required to update an activity.", field=name)
    return read_draft({**sent, "to": None})


@atomically
def remove_activity(feed_id, activity_id):
    """Take an activity out of a feed; out of all that got it from there, if it was added there."""
    _remove(feed_id, Activity.objects.filter(pk=activity_id))


@atomically
def remove_foreign_id(feed_id, foreign_id):
    """Take every activity with this foreign id out of a feed, as `remove_activity` does."""
    feed = find_feed(feed_id)
    if feed and foreign_id:
        held = FeedEntry.objects.filter(feed=feed, activity__foreign_id=foreign_id)
        _remove(feed_id, Activity.objects.filter(pk__in=held.values("activity_id")))


def _remove(feed_id, activities):
    feeds = lock_with_targets([feed_id], activities)
    if feed_id in feeds:
        # Read anew, now that nobody else can add to these feeds or address the activities.
        locked = activities.select_for_update().order_by("pk")
        held = {activity.pk: activity for activity in locked}
        gone = [key for key, row in held.items() if _take_out(row, feeds[feed_id], feeds)]
        entries.forget_bare_feeds(feeds.values())
        removed.remember(gone)


def lock_with_targets(feed_ids, activities, lock=lock_known_feeds):
    """Return feeds and all that `activities` are addressed to, locked.

    Also what they were addressed to while this waited: whoever readdresses locks the feed first.
    """
    asked, feeds = set(), {}
    while wanted := {*feed_ids, *_targets_of(activities)} - asked:
        feeds |= lock(wanted)
        asked |= wanted
    return feeds


def _targets_of(activities):
    return {split_name(name) for to in activities.values_list("to", flat=True) for name in to}


def _take_out(activity, feed, feeds):
    """Remove what `feed` holds of an activity, and what others hold because of that.

    Returns whether it is gone altogether: nobody holds it. The feed it was written to takes it
    from those it was addressed to; one of these takes it only from its own followers.
    """
    held = FeedEntry.objects.filter(activity=activity)
    sources = []
    if held.filter(feed=feed, origin=feed).exists():
        addressed = [] if str(feed) in activity.to else map(split_name, activity.to)
        sources = [feed, *(feeds[name] for name in addressed if name in feeds)]
    entries.take_out(activity, feed, sources)
    if held.exists():
        return False
    audit.record(audit.DELETE, [activity])
    activity.delete()
    return True


def split_name(name):
    """Return the id of a feed that was good once, even if its group is no longer configured."""
    return FeedId(*name.split(":", 1))


def render_activity(activity, origin=None):
    """Return an activity as the wire has it; `origin` is the id of the feed it was copied from."""
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

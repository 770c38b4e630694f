"""Writes of reactions: add, change, delete and restore."""

import re
from dataclasses import dataclass

from django.db import connection
from django.db.models import F

from feedserver import audit, ids, target_feeds
from feedserver.activities import RESERVED, read_draft, read_targets, split_feed_id
from feedserver.bodies import as_text, check_size
from feedserver.database import atomically, in_batches, lock_feeds
from feedserver.errors import Conflict, InvalidInput, MissingUser, NotFound
from feedserver.feed_ids import parse_feed_id
from feedserver.models import Reaction, ReactionCount
from feedserver.times import activity_time
from feedserver.users import read_data

MAX_LEVEL = 3
MAX_LENGTH = 255
MAX_TARGETS = 20
MAX_KINDS = 100
# Keys in one query: well below the limit of any SQLite.
_BATCH_SIZE = 500
_ID = re.compile(r"[\w-]{1,200}")
RESERVED_IDS = {"activity_id", "get_many", "reaction_id", "user_id"}


@dataclass(frozen=True)
class TargetFeeds:
    """The target feeds of a reaction and their extra data; None leaves either as it is."""

    feeds: tuple | None
    extra: dict | None


def read_target_feeds(sent):
    """Return the TargetFeeds in the body of a request."""
    feeds, extra = sent.get("target_feeds"), sent.get("target_feeds_extra_data")
    if extra is not None and not isinstance(extra, dict):
        name = "target_feeds_extra_data"
        raise InvalidInput(f"'{name}' must be an object.", field=name)
    check_size(extra, "'target_feeds_extra_data'")
    if feeds is not None:
        feeds = read_targets(feeds, field="target_feeds", maximum=MAX_TARGETS)
    return TargetFeeds(feeds, extra)


def read_reaction(sent, user_id, targets):
    """Return the unsaved Reaction in the body of a request, without its parent."""
    if not user_id:
        raise MissingUser("'user_id' is required.", field="user_id")
    parent = sent.get("parent")
    if parent is not None and not isinstance(parent, str):
        raise InvalidInput("'parent' must be the id of a reaction.", field="parent")
    name = sent.get("id")
    if name is not None and not (isinstance(name, str) and _ID.fullmatch(name)):
        raise InvalidInput("'id' may have letters, digits, - and _.", field="id")
    if name in RESERVED_IDS:
        raise InvalidInput(f"'{name}' is a part of addresses, no id.", field="id")
    kind = _text(sent, "kind")
    if "/" in kind:
        raise InvalidInput("'kind' may hold no slash: it is a part of addresses.", field="kind")
    moment = ids.next_time()
    key = ids.fresh_id(moment)
    return Reaction(
        id=key,
        # The id holds the time, so that the next page can start after a deleted reaction.
        name=name or ids.to_wire(key),
        kind=kind,
        activity_id="" if parent else _text(sent, "activity_id"),
        user_id=_text({"user_id": user_id}, "user_id"),
        data=read_data(sent.get("data")),
        target_feeds=[str(feed_id) for feed_id in targets.feeds or ()],
        extra_data=targets.extra or {},
        updated_at=moment,
    )


def _text(sent, name):
    value = as_text(sent.get(name))
    if not isinstance(value, str) or not 0 < len(value) <= MAX_LENGTH:
        raise InvalidInput(f"'{name}' is required, up to {MAX_LENGTH} characters.", field=name)
    return value


@atomically
def add_reaction(row, parent):
    """Save a new reaction, to an activity or to the reaction named `parent`; return it.

    Raise InvalidInput for a parent that does not exist or is too deep, Conflict for an id in use.
    """
    row.subject = f"SA:{row.activity_id}"
    if parent:
        _set_parent(row, parent)
    fields = {field.attname: getattr(row, field.attname) for field in Reaction._meta.fields}
    name = fields.pop("name")
    row, created = Reaction.objects.get_or_create(name=name, defaults=fields)
    if not created:
        raise Conflict(f"A reaction with the id '{name}' exists already.")
    _change_count(row, 1)
    _publish(row)
    audit.record(audit.CREATE, [row])
    return row


def _set_parent(row, name):
    try:
        parent = _lock(name)
    except NotFound:
        parent = None
    if parent is None or _is_hidden(parent):
        raise InvalidInput(f"There is no reaction '{name}'.", field="parent")
    if parent.level == MAX_LEVEL:
        raise InvalidInput(f"Reactions may be {MAX_LEVEL} levels deep.", field="parent")
    row.parent, row.level = parent, parent.level + 1
    row.activity_id, row.subject = parent.activity_id, parent.reference


def _is_hidden(row):
    """Return whether a reaction or one of its ancestors is soft-deleted."""
    return bool(row.deleted_at or (row.parent and _is_hidden(row.parent)))


def get_reaction(name):
    """Return a reaction, also if it is soft-deleted; raise NotFound."""
    row = Reaction.objects.filter(name=name).first() if isinstance(name, str) else None
    if row is None:
        raise NotFound(f"There is no reaction '{name}'.")
    return row


@atomically
def update_reaction(name, data, targets):
    """Replace the data and the target feeds of a reaction, each only if given; return it.

    Raise InvalidInput for target feeds of a reaction that is soft-deleted.
    """
    row = _lock(name)
    if _is_hidden(row) and targets != TargetFeeds(None, None):
        raise InvalidInput("No feed tells of a deleted reaction.", field="target_feeds")
    before = set(row.target_feeds)
    row.data = row.data if data is None else read_data(data)
    row.extra_data = row.extra_data if targets.extra is None else targets.extra
    if targets.feeds is not None:
        row.target_feeds = [str(feed_id) for feed_id in targets.feeds]
    row.updated_at = ids.next_time()
    row.save(force_update=True)
    if before ^ set(row.target_feeds):
        # Lock all feeds at once, in the order of keys: the two calls below lock only some each.
        lock_feeds(map(split_feed_id, before | set(row.target_feeds)))
        target_feeds.remove_from_feeds({_published_id(row): before - set(row.target_feeds)})
    if targets != TargetFeeds(None, None):
        _publish(row)
    audit.record(audit.UPDATE, [row])
    return row


@atomically
def soft_delete_reaction(name):
    """Leave a reaction out of all lists and counts until it is restored."""
    row = _lock(name)
    if row.deleted_at is None:
        row.deleted_at = ids.next_time()
        row.save(force_update=True, update_fields=["deleted_at"])
        _change_count(row, -1)
        audit.record(audit.DELETE, [row])


@atomically
def restore_reaction(name):
    """Undo `soft_delete_reaction`, and return the reaction; raise NotFound if it is not deleted."""
    row = _lock(name)
    if row.deleted_at is None:
        raise NotFound(f"There is no deleted reaction '{name}'.")
    row.deleted_at = None
    row.save(force_update=True, update_fields=["deleted_at"])
    _change_count(row, 1)
    audit.record(audit.UPDATE, [row])
    return row


@atomically
def delete_reaction(name):
    """Delete a reaction and all its descendants, and remove their activities from target feeds."""
    row = _lock(name)
    levels = _descendants_by_level(row)
    deleted = [row, *(child for level in levels for child in level)]
    # Counts before feeds: `add_reaction` locks them in this order too.
    if row.deleted_at is None:
        _change_count(row, -1)
    for batch in in_batches([reaction.reference for reaction in deleted], _BATCH_SIZE):
        ReactionCount.objects.filter(subject__in=batch)._raw_delete(connection.alias)
    published = {
        _published_id(reaction): reaction.target_feeds
        for reaction in deleted
        if reaction.target_feeds
    }
    if published:
        target_feeds.remove_from_feeds(published)
    for level in [*reversed(levels), [row]]:
        for batch in in_batches([reaction.pk for reaction in level], _BATCH_SIZE):
            Reaction.objects.filter(pk__in=batch)._raw_delete(connection.alias)
    audit.record(audit.DELETE, deleted)


def _descendants_by_level(row):
    """Return the descendants of a reaction, a list for each level; every query uses an index."""
    levels, level = [], [row]
    while level and level[0].level < MAX_LEVEL:
        level = [
            child
            for batch in in_batches([parent.pk for parent in level], _BATCH_SIZE)
            for child in Reaction.objects.filter(parent__in=batch).defer("data", "extra_data")
        ]
        levels.append(level)
    return levels


def _lock(name):
    """Return a reaction, with its whole tree locked against writes; raise NotFound.

    Every write locks the top of the tree, so that no child is added to a reaction while it is
    being deleted.
    """
    row = Reaction.objects.select_related("parent__parent").filter(name=name).first()
    if row is not None:
        list(Reaction.objects.select_for_update(no_key=True).filter(pk=row.top.pk))
    # Read it again: it may have changed while this waited for the lock.
    return get_reaction(name)


def _change_count(row, change):
    """Add `change` to the count of a reaction's kind; raise InvalidInput for too many kinds."""
    counts = ReactionCount.objects.filter(subject=row.subject, kind=row.kind)
    # Retry if another request deletes the row before it is locked.
    while not counts.update(number=F("number") + change) and change > 0:
        _limit_kinds(row.subject)
        ReactionCount.objects.bulk_create(
            [ReactionCount(subject=row.subject, kind=row.kind)], ignore_conflicts=True
        )


def _limit_kinds(subject):
    """Raise InvalidInput if there are `MAX_KINDS`: every read of the subject returns all counts.

    Counts of 0 are kept, as Stream keeps them, until a new kind needs their place.
    """
    kinds = ReactionCount.objects.filter(subject=subject)
    if kinds.count() >= MAX_KINDS:
        empty = kinds.filter(number=0).select_for_update(skip_locked=True)
        kinds.filter(pk__in=list(empty.values_list("pk", flat=True)))._raw_delete(connection.alias)
        if kinds.count() >= MAX_KINDS:
            detail = f"There may be at most {MAX_KINDS} kinds of reactions to one thing."
            raise InvalidInput(detail, field="kind")


def _publish(row):
    """Add the activity of a reaction to its target feeds."""
    if row.target_feeds:
        feeds = [parse_feed_id(name, field="target_feeds") for name in row.target_feeds]
        # The audit log has an entry of the reaction itself.
        target_feeds.add_to_feeds(feeds, read_draft(_activity_of(row)), audited=False)


def _published_id(row):
    """Return the id of the activity of a reaction in its target feeds."""
    return ids.id_of_foreign_id(_foreign_id(row), ids.time_of(row.pk))


def _foreign_id(row):
    return f"reaction:{row.name}"


def _activity_of(row):
    extra = {name: value for name, value in row.extra_data.items() if name not in RESERVED}
    return {
        **extra,
        "actor": f"SU:{row.user_id}",
        "verb": row.kind,
        "object": f"SA:{row.activity_id}",
        "reaction": row.reference,
        "foreign_id": _foreign_id(row),
        "time": activity_time(ids.time_of(row.pk)),
    }

"""Reactions: add, change, delete, restore (protocol notes, sections 1.4 and 2.10)."""

import re
from dataclasses import dataclass

from django.db import connection
from django.db.models import F

from feedserver import addressing, audit, ids
from feedserver.activities import RESERVED, read_draft, read_targets, split_name
from feedserver.bodies import as_text, check_size
from feedserver.database import atomically, in_parts, lock_feeds
from feedserver.errors import Conflict, InvalidInput, MissingUser, NotFound
from feedserver.feed_ids import parse_feed_id
from feedserver.models import Reaction, ReactionCount
from feedserver.times import activity_time
from feedserver.users import read_data

DEEPEST = 3
LONGEST = 255
MOST_TARGETS = 20
MOST_KINDS = 100
# Keys in one query: well below what any SQLite takes.
_AT_ONCE = 500
_ID = re.compile(r"[\w-]{1,200}")
RESERVED_IDS = {"activity_id", "get_many", "reaction_id", "user_id"}


@dataclass(frozen=True)
class Targets:
    """The feeds that tell of a reaction and what they add; None is "as it was"."""

    feeds: tuple | None
    extra: dict | None


def read_targets_of(sent):
    """Return the Targets in the body of a call."""
    feeds, extra = sent.get("target_feeds"), sent.get("target_feeds_extra_data")
    if extra is not None and not isinstance(extra, dict):
        name = "target_feeds_extra_data"
        raise InvalidInput(f"'{name}' must be an object.", field=name)
    check_size(extra, "'target_feeds_extra_data'")
    if feeds is not None:
        feeds = read_targets(feeds, field="target_feeds", maximum=MOST_TARGETS)
    return Targets(feeds, extra)


def read_reaction(sent, user_id, targets):
    """Return the unsaved Reaction of the body of a call; its parent, if any, is still a name."""
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
        # Tells when it was created, so that pages go on behind it when it is gone.
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
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        raise InvalidInput(f"'{name}' is required, up to {LONGEST} characters.", field=name)
    return value


@atomically
def add_reaction(row, parent):
    """Save a new reaction, to an activity or to the reaction named `parent`; return it.

    Raises InvalidInput for a parent that is not there or too deep, Conflict for an id in use.
    """
    row.subject = f"SA:{row.activity_id}"
    if parent:
        _put_below(row, parent)
    fields = {field.attname: getattr(row, field.attname) for field in Reaction._meta.fields}
    name = fields.pop("name")
    row, created = Reaction.objects.get_or_create(name=name, defaults=fields)
    if not created:
        raise Conflict(f"A reaction with the id '{name}' exists already.")
    _count(row, 1)
    _tell(row)
    audit.record(audit.CREATE, [row])
    return row


def _put_below(row, parent):
    try:
        above = _locked(parent)
    except NotFound:
        above = None
    if above is None or _is_hidden(above):
        raise InvalidInput(f"There is no reaction '{parent}'.", field="parent")
    if above.level == DEEPEST:
        raise InvalidInput(f"Reactions may be {DEEPEST} levels deep.", field="parent")
    row.parent, row.level = above, above.level + 1
    row.activity_id, row.subject = above.activity_id, above.reference


def _is_hidden(row):
    """Whether a reaction, or one above it, was deleted softly."""
    return bool(row.deleted_at or (row.parent and _is_hidden(row.parent)))


def get_reaction(name):
    """Return a reaction, also one that was deleted softly; raises NotFound."""
    row = Reaction.objects.filter(name=name).first() if isinstance(name, str) else None
    if row is None:
        raise NotFound(f"There is no reaction '{name}'.")
    return row


@atomically
def update_reaction(name, data, targets):
    """Replace the data and the target feeds of a reaction, each only if given; return it.

    Raises InvalidInput for target feeds of one that was deleted softly.
    """
    row = _locked(name)
    if _is_hidden(row) and targets != Targets(None, None):
        raise InvalidInput("No feed tells of a deleted reaction.", field="target_feeds")
    before = set(row.target_feeds)
    row.data = row.data if data is None else read_data(data)
    row.extra_data = row.extra_data if targets.extra is None else targets.extra
    if targets.feeds is not None:
        row.target_feeds = [str(feed_id) for feed_id in targets.feeds]
    row.updated_at = ids.next_time()
    row.save(force_update=True)
    if before ^ set(row.target_feeds):
        # All at once, in everybody's order; what follows would lock some after others.
        lock_feeds(map(split_name, before | set(row.target_feeds)))
        addressing.remove_from_feeds({_told_by(row): before - set(row.target_feeds)})
    if targets != Targets(None, None):
        _tell(row)
    audit.record(audit.UPDATE, [row])
    return row


@atomically
def hide_reaction(name):
    """Delete a reaction softly: no list shows it and no count counts it."""
    row = _locked(name)
    if row.deleted_at is None:
        row.deleted_at = ids.next_time()
        row.save(force_update=True, update_fields=["deleted_at"])
        _count(row, -1)
        audit.record(audit.DELETE, [row])


@atomically
def restore_reaction(name):
    """Undo `hide_reaction`; raises NotFound for what was not deleted. Returns the reaction."""
    row = _locked(name)
    if row.deleted_at is None:
        raise NotFound(f"There is no deleted reaction '{name}'.")
    row.deleted_at = None
    row.save(force_update=True, update_fields=["deleted_at"])
    _count(row, 1)
    audit.record(audit.UPDATE, [row])
    return row


@atomically
def delete_reaction(name):
    """Delete a reaction and all below it, and take them out of the feeds that tell of them."""
    row = _locked(name)
    levels = _levels_below(row)
    gone = [row, *(one for level in levels for one in level)]
    # Counts before feeds, which is everybody's order: whoever adds locks them so, too.
    if row.deleted_at is None:
        _count(row, -1)
    for some in in_parts([one.reference for one in gone], _AT_ONCE):
        ReactionCount.objects.filter(subject__in=some)._raw_delete(connection.alias)
    told = {_told_by(one): one.target_feeds for one in gone if one.target_feeds}
    if told:
        addressing.remove_from_feeds(told)
    for level in [*reversed(levels), [row]]:
        for some in in_parts([one.pk for one in level], _AT_ONCE):
            Reaction.objects.filter(pk__in=some)._raw_delete(connection.alias)
    audit.record(audit.DELETE, gone)


def _levels_below(row):
    """Return the reactions below one in lists, a level each; every query is one of an index."""
    levels, above = [], [row]
    while above and above[0].level < DEEPEST:
        above = [
            one
            for some in in_parts([one.pk for one in above], _AT_ONCE)
            for one in Reaction.objects.filter(parent__in=some).defer("data", "extra_data")
        ]
        levels.append(above)
    return levels


def _locked(name):
    """Return a reaction, with nobody else writing to those it belongs with; raises NotFound.

    Whoever writes locks the one on top, so that none is added below one that goes.
    """
    found = Reaction.objects.select_related("parent__parent").filter(name=name).first()
    if found is not None:
        list(Reaction.objects.select_for_update(no_key=True).filter(pk=found.top.pk))
    # Read anew: it may have changed, or gone, while this waited.
    return get_reaction(name)


def _count(row, change):
    """Count a reaction in or out; raises InvalidInput for one kind more than a subject may have."""
    counts = ReactionCount.objects.filter(subject=row.subject, kind=row.kind)
    # Again, should the row have been dropped for another kind before it was locked.
    while not counts.update(number=F("number") + change) and change > 0:
        _make_room(row.subject)
        ReactionCount.objects.bulk_create(
            [ReactionCount(subject=row.subject, kind=row.kind)], ignore_conflicts=True
        )


def _make_room(subject):
    """Refuse a new kind where there are `MOST_KINDS`: every read of the subject shows them all.

    Kinds that fell to 0 stay, as Stream's do, until their place is needed.
    """
    kinds = ReactionCount.objects.filter(subject=subject)
    if kinds.count() >= MOST_KINDS:
        empty = kinds.filter(number=0).select_for_update(skip_locked=True)
        kinds.filter(pk__in=list(empty.values_list("pk", flat=True)))._raw_delete(connection.alias)
        if kinds.count() >= MOST_KINDS:
            detail = f"There may be at most {MOST_KINDS} kinds of reactions to one thing."
            raise InvalidInput(detail, field="kind")


def _tell(row):
    """Add the activity that tells of a reaction to its target feeds."""
    if row.target_feeds:
        feeds = [parse_feed_id(name, field="target_feeds") for name in row.target_feeds]
        # The log has the reaction itself.
        addressing.add_to_feeds(feeds, read_draft(_activity_of(row)), audited=False)


def _told_by(row):
    """Return the id of the activity that tells of a reaction."""
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

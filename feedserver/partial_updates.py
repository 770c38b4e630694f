"""Changing parts of activities (Stream's documentation, "Activity Partial Update")."""

import copy
from dataclasses import dataclass

from feedserver import audit, ids
from feedserver.activities import RESERVED, check_size
from feedserver.bodies import as_text, check_value
from feedserver.database import atomically
from feedserver.errors import InvalidInput, NotFound
from feedserver.models import Activity
from feedserver.times import parse_time

MOST_KEYS = 25
LONGEST_PATH = 20


@dataclass(frozen=True)
class Change:
    """What to set and what to unset of an activity; paths are keys with dots between."""

    activity_id: object
    set: dict
    unset: tuple


def read_change(sent):
    """Return the Change in the body of a call."""
    setting, unsetting = sent.get("set") or {}, sent.get("unset") or []
    if not isinstance(setting, dict):
        raise InvalidInput("'set' must be an object.", field="set")
    if not isinstance(unsetting, list) or not all(isinstance(one, str) for one in unsetting):
        raise InvalidInput("'unset' must be a list of strings.", field="unset")
    for name, paths in (("set", setting), ("unset", unsetting)):
        if len(paths) > MOST_KEYS:
            raise InvalidInput(f"'{name}' may have at most {MOST_KEYS} keys.", field=name)
        for path in paths:
            _check_path(path, name)
    return Change(read_activity_id(sent), setting, tuple(unsetting))


def _check_path(path, name):
    keys = path.split(".")
    if not all(keys):
        raise InvalidInput(f"'{path}' is not a path of keys.", field=name)
    if len(keys) > LONGEST_PATH:
        raise InvalidInput(f"A path may have at most {LONGEST_PATH} keys.", field=name)
    if keys[0] in RESERVED:
        raise InvalidInput(f"'{keys[0]}' cannot be changed in part.", field=name)


def read_activity_id(sent):
    """Return the id that an object names by `id`, or by `foreign_id` and `time`.

    An id that none can have is None.
    """
    if sent.get("id"):
        return ids.from_wire(sent["id"])
    foreign_id = as_text(sent.get("foreign_id"), (int, float))
    if not isinstance(foreign_id, str) or not foreign_id:
        raise InvalidInput("'id', or 'foreign_id' and 'time', are required.", field="foreign_id")
    return ids.id_of_foreign_id(foreign_id, parse_time(sent.get("time")))


@atomically
def update_partially(changes, *, check_actors):
    """Make each of `changes`, all or none; return the activities in their order.

    `check_actors` is given the actors of all and may refuse. Raises NotFound for an activity that
    is not there, and InvalidInput for a path through what is no object.
    """
    wanted = {change.activity_id for change in changes}
    rows = Activity.objects.select_for_update(no_key=True).filter(pk__in=wanted - {None})
    found = {row.pk: row for row in rows.order_by("pk")}
    if found.keys() != wanted:
        raise NotFound("There is no such activity.")
    check_actors({row.actor for row in found.values()})
    for change in changes:
        row = found[change.activity_id]
        row.data = changed(row.data, change)
        # A path leads deeper than the body that sends it is.
        check_value(row.data)
        check_size(row.data)
    Activity.objects.bulk_update(found.values(), ["data"])
    audit.record(audit.UPDATE, found.values())
    return [found[change.activity_id] for change in changes]


def changed(data, change):
    """Return a copy of `data` in which paths are set and unset."""
    data = copy.deepcopy(data)
    for path, value in change.set.items():
        *above, last = path.split(".")
        inside = data
        for key in above:
            inside = inside.setdefault(key, {})
            if not isinstance(inside, dict):
                raise InvalidInput(f"'{path}' leads through what is no object.", field="set")
        inside[last] = copy.deepcopy(value)
    for path in change.unset:
        *above, last = path.split(".")
        inside = data
        for key in above:
            inside = inside.get(key) if isinstance(inside, dict) else None
        if isinstance(inside, dict):
            inside.pop(last, None)
    return data

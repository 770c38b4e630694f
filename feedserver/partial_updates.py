"""Partial updates of activities: paths of keys are set and unset."""

import copy
from dataclasses import dataclass

from feedserver import audit, ids
from feedserver.activities import RESERVED, check_size
from feedserver.bodies import as_text, check_value
from feedserver.database import atomically
from feedserver.errors import InvalidInput, NotFound
from feedserver.models import Activity
from feedserver.times import parse_time

MAX_KEYS = 25
MAX_PATH_LENGTH = 20


@dataclass(frozen=True)
class Change:
    """The paths to set and to unset in an activity; a path is keys joined by dots."""

    activity_id: object
    set: dict
    unset: tuple


def read_change(sent):
    """Return the Change in the body of a request."""
    setting, unsetting = sent.get("set") or {}, sent.get("unset") or []
    if not isinstance(setting, dict):
        raise InvalidInput("'set' must be an object.", field="set")
    if not isinstance(unsetting, list) or not all(isinstance(path, str) for path in unsetting):
        raise InvalidInput("'unset' must be a list of strings.", field="unset")
    for name, paths in (("set", setting), ("unset", unsetting)):
        if len(paths) > MAX_KEYS:
            raise InvalidInput(f"'{name}' may have at most {MAX_KEYS} keys.", field=name)
        for path in paths:
            _check_path(path, name)
    return Change(read_activity_id(sent), setting, tuple(unsetting))


def _check_path(path, name):
    keys = path.split(".")
    if not all(keys):
        raise InvalidInput(f"'{path}' is not a path of keys.", field=name)
    if len(keys) > MAX_PATH_LENGTH:
        raise InvalidInput(f"A path may have at most {MAX_PATH_LENGTH} keys.", field=name)
    if keys[0] in RESERVED:
        raise InvalidInput(f"'{keys[0]}' cannot be changed in part.", field=name)


def read_activity_id(sent):
    """Return the id that an object has as `id`, or as `foreign_id` and `time`.

    Return None for an id that no activity can have.
    """
    if sent.get("id"):
        return ids.from_wire(sent["id"])
    foreign_id = as_text(sent.get("foreign_id"), (int, float))
    if not isinstance(foreign_id, str) or not foreign_id:
        raise InvalidInput("'id', or 'foreign_id' and 'time', are required.", field="foreign_id")
    return ids.id_of_foreign_id(foreign_id, parse_time(sent.get("time")))


@atomically
def update_partially(changes, *, check_actors):
    """Apply `changes`, all or none; return the activities in their order.

    `check_actors` is called with the actors and may raise an error. Raise NotFound for an activity
    that does not exist, and InvalidInput for a path through a value that is not an object.
    """
    keys = {change.activity_id for change in changes}
    rows = Activity.objects.select_for_update(no_key=True).filter(pk__in=keys - {None})
    activities = {row.pk: row for row in rows.order_by("pk")}
    if activities.keys() != keys:
        raise NotFound("There is no such activity.")
    check_actors({row.actor for row in activities.values()})
    for change in changes:
        activity = activities[change.activity_id]
        activity.data = apply_change(activity.data, change)
        # A path is one value in the body, and nests deeper here.
        check_value(activity.data)
        check_size(activity.data)
    Activity.objects.bulk_update(activities.values(), ["data"])
    audit.record(audit.UPDATE, activities.values())
    return [activities[change.activity_id] for change in changes]


def apply_change(data, change):
    """Return a copy of `data` in which paths are set and unset."""
    data = copy.deepcopy(data)
    for path, value in change.set.items():
        *parents, last = path.split(".")
        parent = data
        for key in parents:
            parent = parent.setdefault(key, {})
            if not isinstance(parent, dict):
                raise InvalidInput(f"'{path}' leads through what is no object.", field="set")
        parent[last] = copy.deepcopy(value)
    for path in change.unset:
        *parents, last = path.split(".")
        parent = data
        for key in parents:
            parent = parent.get(key) if isinstance(parent, dict) else None
        if isinstance(parent, dict):
            parent.pop(last, None)
    return data

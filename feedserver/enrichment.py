"""Enrichment: references in activities are replaced by the rows they refer to.

References are "SU:<user>", "SO:<collection>:<object>", "SA:<activity>" and "SR:<reaction>".
"""

from feedserver import ids
from feedserver.activities import render_activity
from feedserver.activity_reactions import ActivityReactions
from feedserver.models import Activity, Reaction
from feedserver.objects import find_objects, render_object
from feedserver.reaction_flags import NO_REACTIONS
from feedserver.users import missing_user

USER, OBJECT, ACTIVITY, REACTION = "SU:", "SO:", "SA:", "SR:"
_PREFIXES = (USER, OBJECT, ACTIVITY, REACTION)
MAX_REFERENCES = 20
# In one response. An activity or a reaction has references of its own, so it weighs more.
MAX_REFERENCE_WEIGHT, NESTED_WEIGHT = 10_000, 5
_FIRST = {"actor", "object", "target"}
_TYPES = {ACTIVITY: "activity", REACTION: "reaction"}


def enrich(activities, flags=NO_REACTIONS):
    """Replace the references in rendered `activities`, and add the reactions that `flags` ask for.

    In a referenced activity the actor, object and target are replaced too, but not by activities
    and reactions. At most `MAX_REFERENCES` fields of one activity are replaced, actor, object and
    target first, and about `MAX_REFERENCE_WEIGHT` references of one response, so that no client can
    make responses of any size. The number of queries does not depend on the number of activities.
    """
    fields = _limit_weight([_reference_fields(activity) for activity in activities])
    outer = _references(fields, ACTIVITY, REACTION)
    inner = _find_activities(outer)
    inner_fields = {name: _reference_fields(activity, _FIRST) for name, activity in inner.items()}
    references = _references([*fields, *inner_fields.values()], USER, OBJECT)
    reactions = ActivityReactions(
        [*activities, *inner.values()],
        flags,
        _find_reactions(outer),
        user_ids=_names(references, USER),
    )
    users = {f"{USER}{name}": user for name, user in reactions.users.items()}
    simple = {**_missing_rows(references), **users, **_find_objects(references)}
    inner = {
        name: reactions.add_to(_replace(activity, inner_fields[name], simple))
        for name, activity in inner.items()
    }
    replacements = {**_missing_rows(outer), **simple, **inner, **reactions.rendered}
    return [
        reactions.add_to(_replace(activity, names, replacements))
        for activity, names in zip(activities, fields, strict=True)
    ]


def enriched_activity(wire_id, flags):
    """Return the activity with an id, enriched. If there is none, return its reactions."""
    reference = f"{ACTIVITY}{wire_id}"
    known = list(_find_activities({reference}).values())
    if not known:
        missing = _missing_row(reference)
        return ActivityReactions([missing], flags, [], []).add_to(missing)
    (activity,) = enrich(known, flags)
    return activity


def enrich_groups(results, flags=NO_REACTIONS):
    """Enrich the activities of groups, all at once; return the groups."""
    activities = [activity for group in results for activity in group["activities"]]
    enriched = iter(enrich(activities, flags))
    return [
        {**group, "activities": [next(enriched) for _ in group["activities"]]} for group in results
    ]


def _limit_weight(fields):
    """Return `fields`, results of `_reference_fields`; {} for activities beyond the limit."""
    left, within_limit = MAX_REFERENCE_WEIGHT, []
    for references in fields:
        within_limit.append(references if left > 0 else {})
        left -= sum(
            1 if value.startswith((USER, OBJECT)) else NESTED_WEIGHT
            for value in references.values()
        )
    return within_limit


def _reference_fields(activity, names=None):
    """Return the fields of an activity to replace, with their references.

    `names` are the fields that may be replaced; None means all.
    """
    fields = [
        (name, value)
        for name, value in activity.items()
        if isinstance(value, str)
        and value.startswith(_PREFIXES)
        and (names is None or name in names)
    ]
    fields.sort(key=lambda pair: (pair[0] not in _FIRST, pair[0]))
    return dict(fields[:MAX_REFERENCES])


def _references(fields, *prefixes):
    """Return the references with one of `prefixes` in `fields`, results of `_reference_fields`."""
    values = {value for references in fields for value in references.values()}
    return {value for value in values if value.startswith(prefixes)}


def _replace(activity, fields, replacements):
    replaced = {name: replacements.get(value, value) for name, value in fields.items()}
    return {**activity, **replaced}


def _names(references, prefix):
    return [text.removeprefix(prefix) for text in references if text.startswith(prefix)]


def _find_objects(references):
    names = [_object_name(text) for text in references if text.startswith(OBJECT)]
    return {
        f"{OBJECT}{collection}:{object_id}": render_object(row)
        for (collection, object_id), row in find_objects(names).items()
    }


def _find_activities(references):
    keys = {name: ids.from_wire(name) for name in _names(references, ACTIVITY)}
    known_keys = set(filter(None, keys.values()))
    rows = Activity.objects.in_bulk(known_keys) if known_keys else {}
    return {
        f"{ACTIVITY}{name}": render_activity(rows[key]) for name, key in keys.items() if key in rows
    }


def _find_reactions(references):
    names = _names(references, REACTION)
    return list(Reaction.objects.in_bulk(names, field_name="name").values()) if names else []


def _object_name(reference):
    """Return the collection and the id in a reference to an object."""
    return reference.removeprefix(OBJECT).partition(":")[::2]


def _missing_rows(references):
    return {reference: _missing_row(reference) for reference in references}


def _missing_row(reference):
    """Return the replacement of a reference to nothing, in the form the JavaScript client tests."""
    prefix, name = reference[:3], reference[3:]
    if prefix == USER:
        return missing_user(name)
    if prefix == OBJECT:
        collection, name = _object_name(reference)
        fields = {"reference_type": "object", "id": name, "collection": collection}
    else:
        fields = {"reference_type": _TYPES[prefix], "id": name}
    return {"error": "ReferenceNotFound", "reference": reference, **fields}

"""Enrichment: references in activities are replaced by what they stand for (notes, section 2.9)."""

from feedserver import ids
from feedserver.activities import render_activity
from feedserver.activity_reactions import ActivityReactions
from feedserver.models import Activity, Reaction
from feedserver.objects import find_objects, render_object
from feedserver.reaction_flags import NO_REACTIONS
from feedserver.users import missing_user

USER, OBJECT, ACTIVITY, REACTION = "SU:", "SO:", "SA:", "SR:"
_PREFIXES = (USER, OBJECT, ACTIVITY, REACTION)
MOST_REFERENCES = 20
# In one answer; what stands for an activity or a reaction may hold others, and weighs as much.
MOST_IN_ANSWER, HEAVY = 10_000, 5
_FIRST = {"actor", "object", "target"}
_TYPES = {ACTIVITY: "activity", REACTION: "reaction"}


def enrich(activities, flags=NO_REACTIONS):
    """Replace the references in rendered `activities`, and add the reactions that `flags` ask for.

    An activity that is referred to gets the same in its actor, object and target, but its own
    references to activities and reactions stay. Of one activity `MOST_REFERENCES` fields are
    replaced, actor, object and target first, and of one answer not many more than
    `MOST_IN_ANSWER`: whoever writes more could make it as long as they like. The number of queries
    does not depend on the number of activities.
    """
    held = _within_limit([_replaced(activity) for activity in activities])
    outer = _references(held, ACTIVITY, REACTION)
    inner = _activities(outer)
    inner_held = {name: _replaced(activity, _FIRST) for name, activity in inner.items()}
    references = _references([*held, *inner_held.values()], USER, OBJECT)
    shown = ActivityReactions(
        [*activities, *inner.values()], flags, _reactions(outer), people=_names(references, USER)
    )
    users = {f"{USER}{name}": user for name, user in shown.users.items()}
    simple = {**_missing_ones(references), **users, **_objects(references)}
    inner = {
        name: shown.add_to(_replace(one, inner_held[name], simple)) for name, one in inner.items()
    }
    answers = {**_missing_ones(outer), **simple, **inner, **shown.rendered}
    return [
        shown.add_to(_replace(activity, names, answers))
        for activity, names in zip(activities, held, strict=True)
    ]


def enriched_activity(name, flags):
    """Return the activity with an id, enriched; one that is not there has its reactions, too."""
    reference = f"{ACTIVITY}{name}"
    known = list(_activities({reference}).values())
    if not known:
        missing = _missing(reference)
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


def _within_limit(held):
    """Return `held`, results of `_replaced`; nothing of an activity once it is too much."""
    left, within = MOST_IN_ANSWER, []
    for fields in held:
        within.append(fields if left > 0 else {})
        left -= sum(1 if value.startswith((USER, OBJECT)) else HEAVY for value in fields.values())
    return within


def _replaced(activity, names=None):
    """Return the fields of an activity that are replaced, with the references they hold.

    Of all its fields, or of those of `names`.
    """
    held = [
        (name, value)
        for name, value in activity.items()
        if isinstance(value, str)
        and value.startswith(_PREFIXES)
        and (names is None or name in names)
    ]
    held.sort(key=lambda pair: (pair[0] not in _FIRST, pair[0]))
    return dict(held[:MOST_REFERENCES])


def _references(held, *prefixes):
    """Return those of the references in `held`, results of `_replaced`, that begin with these."""
    values = {value for fields in held for value in fields.values()}
    return {value for value in values if value.startswith(prefixes)}


def _replace(activity, held, answers):
    return {**activity, **{name: answers.get(value, value) for name, value in held.items()}}


def _names(references, prefix):
    return [text.removeprefix(prefix) for text in references if text.startswith(prefix)]


def _objects(references):
    names = [_object_name(text) for text in references if text.startswith(OBJECT)]
    return {
        f"{OBJECT}{collection}:{object_id}": render_object(row)
        for (collection, object_id), row in find_objects(names).items()
    }


def _activities(references):
    keys = {name: ids.from_wire(name) for name in _names(references, ACTIVITY)}
    wanted = set(filter(None, keys.values()))
    found = Activity.objects.in_bulk(wanted) if wanted else {}
    return {
        f"{ACTIVITY}{name}": render_activity(found[key])
        for name, key in keys.items()
        if key in found
    }


def _reactions(references):
    names = _names(references, REACTION)
    return list(Reaction.objects.in_bulk(names, field_name="name").values()) if names else []


def _object_name(reference):
    """Return collection and id of a reference to an object."""
    return reference.removeprefix(OBJECT).partition(":")[::2]


def _missing_ones(references):
    return {reference: _missing(reference) for reference in references}


def _missing(reference):
    """Return what stands for a reference to nothing: the JavaScript client knows exactly this."""
    prefix, name = reference[:3], reference[3:]
    if prefix == USER:
        return missing_user(name)
    if prefix == OBJECT:
        collection, name = _object_name(reference)
        found = {"reference_type": "object", "id": name, "collection": collection}
    else:
        found = {"reference_type": _TYPES[prefix], "id": name}
    return {"error": "ReferenceNotFound", "reference": reference, **found}

"""Enrichment: references in activities are replaced by what they stand for (notes, section 2.9)."""

from feedserver.models import StreamUser
from feedserver.objects import find_objects, render_object
from feedserver.users import render_user

USER, OBJECT = "SU:", "SO:"


def enrich(activities):
    """Replace the references in rendered `activities`, in two queries; return the activities."""
    references = {
        value
        for activity in activities
        for value in activity.values()
        if isinstance(value, str) and value.startswith((USER, OBJECT))
    }
    found = {**_users(references), **_objects(references)}
    return [
        {name: _replace(value, references, found) for name, value in activity.items()}
        for activity in activities
    ]


def enrich_groups(results):
    """Enrich the activities of groups, in two queries; return the groups."""
    enriched = iter(enrich([activity for group in results for activity in group["activities"]]))
    return [
        {**group, "activities": [next(enriched) for _ in group["activities"]]} for group in results
    ]


def _replace(value, references, found):
    if not isinstance(value, str) or value not in references:
        return value
    return found[value] if value in found else _missing(value)


def _users(references):
    names = [text.removeprefix(USER) for text in references if text.startswith(USER)]
    return {
        f"{USER}{name}": render_user(user)
        for name, user in StreamUser.objects.in_bulk(names).items()
    }


def _objects(references):
    names = [_object_name(text) for text in references if text.startswith(OBJECT)]
    return {
        f"{OBJECT}{collection}:{object_id}": render_object(row)
        for (collection, object_id), row in find_objects(names).items()
    }


def _object_name(reference):
    """Return collection and id of a reference to an object."""
    return reference.removeprefix(OBJECT).partition(":")[::2]


def _missing(reference):
    """Return what stands for a reference to nothing: the JavaScript client knows exactly this."""
    if reference.startswith(USER):
        found = {"reference_type": "user", "id": reference.removeprefix(USER)}
    else:
        collection, object_id = _object_name(reference)
        found = {"reference_type": "object", "id": object_id, "collection": collection}
    return {"error": "ReferenceNotFound", "reference": reference, **found}

"""Enrichment: references in activities are replaced by what they stand for (notes, section 2.9)."""

from django.db.models import Q

from feedserver.models import StreamObject, StreamUser
from feedserver.objects import render_object
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


def _replace(value, references, found):
    if not isinstance(value, str) or value not in references:
        return value
    return found[value] if value in found else _missing(value)


def _users(references):
    names = {text.removeprefix(USER) for text in references if text.startswith(USER)}
    return {
        f"{USER}{user.pk}": render_user(user) for user in StreamUser.objects.filter(pk__in=names)
    }


def _objects(references):
    wanted = Q(pk__in=[])
    for collection, names in _by_collection(references).items():
        wanted |= Q(collection=collection, object_id__in=names)
    return {f"{OBJECT}{row}": render_object(row) for row in StreamObject.objects.filter(wanted)}


def _by_collection(references):
    names = {}
    for text in references:
        if text.startswith(OBJECT):
            collection, _, name = text.removeprefix(OBJECT).partition(":")
            names.setdefault(collection, []).append(name)
    return names


def _missing(reference):
    """Return what stands for a reference to nothing: the JavaScript client knows exactly this."""
    if reference.startswith(USER):
        found = {"reference_type": "user", "id": reference.removeprefix(USER)}
    else:
        collection, _, name = reference.removeprefix(OBJECT).partition(":")
        found = {"reference_type": "object", "id": name, "collection": collection}
    return {"error": "ReferenceNotFound", "reference": reference, **found}

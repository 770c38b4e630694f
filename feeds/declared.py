"""What the models declare that Stream should hold; how rows lead to feeds, and feeds to rows.

A model says by `stream_feed_fields` in which feeds its activities are: for each group the field
(a path of foreign keys) that holds the feed's id. `stream_follow_fields` says so of the feeds that
follow something because of its rows (`stream_follows`), `stream_followed_fields` of what they
follow. Whose key a feed's id is, is its owner.
"""

import contextlib
import heapq
import json
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Q
from stream import serializer
from stream_django.feed_manager import feed_manager

FEED_FIELDS = "stream_feed_fields"
FOLLOW_FIELDS = "stream_follow_fields"
FOLLOWED_FIELDS = "stream_followed_fields"
BATCH = 100


class FeedName(NamedTuple):
    """The name of a feed: "user:7" is of the group `user`, and its owner's key is 7."""

    group: str
    pk: Any

    def __str__(self):
        return f"{self.group}:{self.pk}"


class Followed(NamedTuple):
    """Why a feed follows another: a row, and how many activities are to be copied (None: 100)."""

    row: Any
    limit: int | None


def declaring(name):
    return [model for model in apps.get_models() if hasattr(model, name)]


def owners():
    """Return the groups of feeds that rows of a model own, by model, in the order of labels.

    Models of whose rows Stream knows users or objects are among them, with or without feeds.
    """
    found = {model: set() for model in declaring("stream_user_data")}
    found |= {model: set() for model in declaring("stream_object_data") if model not in found}
    for name in (FEED_FIELDS, FOLLOW_FIELDS):
        for model in declaring(name):
            for group, path in getattr(model, name).items():
                found.setdefault(_end_of(model, path), set()).add(group)
    return {model: sorted(found[model]) for model in sorted(found, key=lambda one: one._meta.label)}


def _end_of(model, path):
    for part in path.split("__"):
        model = model._meta.get_field(part).related_model
    return model


def collecting_groups():
    """Return the groups whose feeds follow others."""
    return {group for model in declaring(FOLLOW_FIELDS) for group in getattr(model, FOLLOW_FIELDS)}


def rows_on(group, keys, **times):
    """Yield the public rows whose activities are in feeds of `group`, the newest first.

    `keys` are ids of feeds; `times` are bounds (gt, lte…) of `created_at`.
    """
    queries = []
    for model in declaring(FEED_FIELDS):
        path = getattr(model, FEED_FIELDS).get(group)
        if path:
            bounds = {f"created_at__{name}": bound for name, bound in times.items() if bound}
            rows = with_related(model).filter(**{f"{path}__in": keys}, **bounds)
            queries.append(_sliced(rows.order_by("-created_at", "-pk")))
    newest_first = heapq.merge(*queries, key=lambda row: row.created_at, reverse=True)
    return (row for row in newest_first if is_public(row))


def _sliced(rows):
    """Yield rows batch by batch: on PostgreSQL a cursor would hold all of them."""
    start = 0
    while some := list(rows[start : start + BATCH]):
        yield from some
        if len(some) < BATCH:
            return
        start += BATCH


def is_public(row):
    return getattr(row, "activity_is_public", True)


def activity_of(row):
    """Return the activity of a row as JSON has it."""
    return json.loads(serializer.dumps(row.create_activity()))


def feeds_of(row):
    """Return the names of the feeds that hold the activity of a row: its own, and `to`."""
    return [feed_manager.activity_feed(row), *(feed.id for feed in row.activity_notify or ())]


def rows_of(foreign_ids):
    """Return the public rows that activities tell of, by foreign id."""
    keys = {}
    for name in foreign_ids:
        label, _, pk = name.partition(":")
        keys.setdefault(label, set()).add(pk)
    found = {}
    for model in declaring(FEED_FIELDS):
        wanted = _valid(model, keys.get(model._meta.label, ()))
        rows = with_related(model).filter(pk__in=wanted)
        found |= {row.activity_foreign_id: row for row in rows}
    return {name: row for name, row in found.items() if is_public(row)}


def placed(activities):
    """Return the rows whose activities belong where they are said to be.

    `activities` are pairs of a feed and a foreign id, which the rows are returned by.
    """
    rows = rows_of([name for _feed, name in activities])
    return {
        (feed, name): rows[name]
        for feed, name in activities
        if name in rows and feed in feeds_of(rows[name])
    }


def described(name, keys, collection=None):
    """Return the rows that Stream should have data of, by key as text, of those with `keys`.

    `name` is what tells the data: of users, or of the objects of a collection.
    """
    found = {}
    for model in declaring(name):
        if getattr(model, "stream_object_collection", None) == collection:
            rows = with_related(model).filter(pk__in=_valid(model, keys))
            found |= {str(row.pk): row for row in rows if getattr(row, name)}
    return found


def with_related(model):
    """Return the rows of a model, with what their activities are made from besides them.

    stream-django's name for that is `activity_related_models`; not every model has it.
    """
    related = getattr(model, "activity_related_models", lambda: None)() or ()
    return model._base_manager.select_related(*related)


def _valid(model, keys):
    """Return those of `keys`, as texts, that a row of `model` could have."""
    field, valid = model._meta.pk, []
    for key in keys:
        with contextlib.suppress(ValidationError, ValueError):
            valid.append(field.clean(key, None))
    return valid


def subject_of(row):
    """Return what the outbox calls a row."""
    return f"{row._meta.label}:{row.pk}"


def followed_by(feed):
    """Return what a feed is to follow: Followed, by the name of the followed feed."""
    found = {}
    for model in declaring(FOLLOW_FIELDS):
        path = getattr(model, FOLLOW_FIELDS).get(feed.group)
        rows = model._base_manager.filter(**{path: feed.pk}) if path else ()
        for row in rows:
            for source, target, limit in row.stream_follows:
                if source == str(feed):
                    found[target] = Followed(row, limit)
    return found


def standing(pairs):
    """Return which of `pairs`, of a feed and another that it follows, are as rows want them."""
    wanted, found = {tuple(pair) for pair in pairs}, set()
    for model in declaring(FOLLOW_FIELDS):
        sources = _led_to(getattr(model, FOLLOW_FIELDS), [source for source, _ in wanted])
        targets = _led_to(getattr(model, FOLLOWED_FIELDS), [target for _, target in wanted])
        for row in model._base_manager.filter(sources & targets):
            found |= {(source, target) for source, target, _limit in row.stream_follows}
    return wanted & found


def _led_to(fields, feeds):
    """Return the condition that rows lead to one of `feeds` by `fields`, paths by group."""
    keys = {}
    for feed in feeds:
        group, _, pk = feed.partition(":")
        keys.setdefault(group, set()).add(pk)
    paths = {}
    for group, path in fields.items():
        paths.setdefault(path, set()).update(keys.get(group, ()))
    condition = Q(pk__in=())
    for path, some in paths.items():
        condition |= Q(**{f"{path}__in": some})
    return condition

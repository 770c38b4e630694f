"""Which rows belong on which feed: from rows to feeds, and from feeds to rows.

A feed's owner is the row whose primary key is the feed's id. Models say by class attributes
(`feeds.published`) which feeds hold their rows' activities, and which feeds follow others.
`stream_user_data` and `stream_object_data` are the data of users and objects on Stream.
"""

import contextlib
import heapq
import json
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from stream import serializer
from stream_django.feed_manager import feed_manager

from feeds.published import model_at, published_models

USER_DATA, OBJECT_DATA = "stream_user_data", "stream_object_data"
BATCH = 100


class FeedName(NamedTuple):
    """The name of a feed: "user:7" is of the group `user`, and its owner's key is 7."""

    group: str
    pk: Any

    def __str__(self):
        return f"{self.group}:{self.pk}"


class ExpectedFollow(NamedTuple):
    """The row because of which a feed follows another, and how many activities are copied."""

    row: Any
    limit: int | None


def models_with(name):
    """Return the models with USER_DATA or OBJECT_DATA."""
    return [model for model in apps.get_models() if hasattr(model, name)]


def following_models():
    """Return the models whose rows make feeds follow others."""
    return [model for model in published_models() if model.feed_follows]


def following_groups():
    """Return the groups whose feeds follow others."""
    return {follow.source for model in following_models() for follow in model.feed_follows}


def owned_groups():
    """Return the groups of feeds that rows of a model own, by model, in the order of labels.

    Models whose rows are users or objects on Stream are among them, with or without feeds.
    """
    groups = {model: set() for name in (USER_DATA, OBJECT_DATA) for model in models_with(name)}
    for model in published_models():
        paths = list(model.feed_paths.items())
        paths += [(follow.source, model.follower_path) for follow in model.feed_follows]
        for group, path in paths:
            groups.setdefault(model_at(model, path), set()).add(group)
    by_label = sorted(groups, key=lambda model: model._meta.label)
    return {model: sorted(groups[model]) for model in by_label}


def published_rows(model):
    """Return the rows of a model, with all that they are published from."""
    return getattr(model, "published_rows", model._base_manager.all)()


def rows_on(group, keys, **times):
    """Yield the public rows whose activities are on feeds of a group, the newest first.

    `keys` are ids of feeds; `times` are bounds (gt, lte…) of `created_at`.
    """
    bounds = {f"created_at__{name}": bound for name, bound in times.items() if bound}
    queries = []
    for model in published_models():
        if path := model.feed_paths.get(group):
            rows = published_rows(model).filter(**{f"{path}__in": keys}, **bounds)
            queries.append(_in_batches(rows.order_by("-created_at", "-pk")))
    newest_first = heapq.merge(*queries, key=lambda row: row.created_at, reverse=True)
    return (row for row in newest_first if row.activity_is_public)


def _in_batches(rows):
    """Yield rows batch by batch: on PostgreSQL a cursor would hold all of them."""
    start = 0
    while batch := list(rows[start : start + BATCH]):
        yield from batch
        if len(batch) < BATCH:
            return
        start += BATCH


def activity_of(row):
    """Return the activity of a row as JSON has it."""
    return json.loads(serializer.dumps(row.create_activity()))


def feeds_of(row):
    """Return the names of the feeds that hold the activity of a row: its own, and `to`."""
    return [feed_manager.activity_feed(row), *(feed.id for feed in row.activity_notify)]


def rows_by_subject(subjects):
    """Return the rows with these names (`subject_of`) that exist, by name, in their order."""
    keys, rows = {}, {}
    for subject in subjects:
        label, _, pk = subject.partition(":")
        keys.setdefault(label, []).append(pk)
    for label, pks in keys.items():
        model = apps.get_model(label)
        for row in published_rows(model).filter(pk__in=_valid_keys(model, pks)):
            rows[subject_of(row)] = row
    return {subject: rows[subject] for subject in subjects if subject in rows}


def rows_by_foreign_id(foreign_ids):
    """Return the public rows with these foreign ids, by foreign id."""
    labels = {model._meta.label for model in published_models()}
    subjects = [name for name in foreign_ids if name.partition(":")[0] in labels]
    rows = rows_by_subject(subjects).items()
    return {name: row for name, row in rows if row.activity_is_public}


def belongs_on(activities):
    """Return the rows of the activities that belong on the feed beside them.

    `activities` are pairs of a feed and a foreign id, by which the rows are returned.
    """
    rows = rows_by_foreign_id([foreign_id for _feed, foreign_id in activities])
    return {
        (feed, foreign_id): rows[foreign_id]
        for feed, foreign_id in activities
        if foreign_id in rows and feed in feeds_of(rows[foreign_id])
    }


def rows_with_object(collection, keys):
    """Return the rows with `keys` that have an object in a collection of Stream's, by key."""
    for model in models_with(OBJECT_DATA):
        if model.stream_object_collection == collection:
            rows = published_rows(model).filter(pk__in=_valid_keys(model, keys))
            return {str(row.pk): row for row in rows if row.stream_object_data}
    return {}


def _valid_keys(model, keys):
    """Return those of `keys`, as texts, that a row of `model` could have."""
    valid = []
    for key in keys:
        with contextlib.suppress(ValidationError, ValueError):
            valid.append(model._meta.pk.clean(key, None))
    return valid


def subject_of(row):
    """Return the name of a row in the outbox."""
    return f"{row._meta.label}:{row.pk}"


def expected_follows(feed):
    """Return what a feed is to follow: ExpectedFollows, by the name of the followed feed."""
    follows = {}
    for model in following_models():
        if feed.group in {follow.source for follow in model.feed_follows}:
            for row in model._base_manager.filter(**{model.follower_path: feed.pk}):
                for source, target, limit in row.stream_follows:
                    if source == str(feed):
                        follows[target] = ExpectedFollow(row, limit)
    return follows


def current_follows(pairs):
    """Return those of `pairs`, of a feed and one that it follows, for which there is a row."""
    pairs, follows = {tuple(pair) for pair in pairs}, set()
    for model in following_models():
        sources, targets, _limits = zip(*model.feed_follows, strict=True)
        owners = {
            f"{model.follower_path}__in": _keys_in(sources, [source for source, _target in pairs]),
            f"{model.followed_path}__in": _keys_in(targets, [target for _source, target in pairs]),
        }
        for row in model._base_manager.filter(**owners):
            follows |= {(source, target) for source, target, _limit in row.stream_follows}
    return pairs & follows


def _keys_in(groups, feeds):
    """Return the ids of those of `feeds` that are of one of `groups`."""
    names = (feed.partition(":") for feed in feeds)
    return {pk for group, _, pk in names if group in groups}

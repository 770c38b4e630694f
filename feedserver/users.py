"""Users of Stream's enrichment."""

import re
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from feedserver.bodies import as_text, check_size
from feedserver.database import atomically, in_batches
from feedserver.errors import Conflict, InvalidInput, NotFound
from feedserver.models import Follow, StreamUser
from feedserver.row_mapper import RowMapper
from feedserver.sql import placeholders
from feedserver.times import record_time

_ID = re.compile(r"[\w@.-]{1,255}")
# Ids in one query; every database accepts as many.
_BATCH_SIZE = 10_000


class UserRow(NamedTuple):
    pk: str
    data: dict
    created_at: datetime
    updated_at: datetime


_USERS = RowMapper(StreamUser, UserRow)


def read_data(value):
    """Return the data of a user or a reaction: an object up to 10 KB, {} for null."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("'data' must be an object.", field="data")
    check_size(value, "'data'")
    return value


def add_user(user_id, data, *, get_or_create):
    """Return a new user. If there is one, return it unchanged or raise Conflict."""
    user_id = _read_id(user_id)
    user, created = StreamUser.objects.get_or_create(pk=user_id, defaults={"data": read_data(data)})
    if not (created or get_or_create):
        raise Conflict(f"A user with the id '{user_id}' exists already.")
    return user


def is_user_id(text):
    """Return whether a user can have this id."""
    return _ID.fullmatch(text) is not None


def _read_id(value):
    value = as_text(value)
    if not isinstance(value, str) or not is_user_id(value):
        raise InvalidInput("'id' is required: letters, digits, -, _, @ and dots.", field="id")
    return value


@atomically
def add_users(items, *, override):
    """Add users, all or none; replace existing ones if `override`. Return them all."""
    rows = {}
    for item in items:
        name = _read_id(item.get("id"))
        rows[name] = StreamUser(pk=name, data=read_data(item.get("data")))
    options = {"ignore_conflicts": True}
    if override:
        options = {
            "update_conflicts": True,
            "unique_fields": ["id"],
            "update_fields": ["data", "updated_at"],
        }
    StreamUser.objects.bulk_create([rows[name] for name in sorted(rows)], **options)
    return find_users(rows)


def find_users(user_ids):
    """Return the existing users of `user_ids`, in that order."""
    user_ids = dict.fromkeys(user_ids)
    users = {
        user.pk: user
        for batch in in_batches(user_ids, _BATCH_SIZE)
        for user in _USERS.filter(f"id IN ({placeholders(batch)})", batch)
    }
    return [users[user_id] for user_id in user_ids if user_id in users]


@atomically
def delete_users(user_ids):
    """Delete users; return the ids of those that existed."""
    known = [user.pk for user in find_users(user_ids)]
    StreamUser.objects.filter(pk__in=known).delete()
    return known


def follow_counts(user_id):
    """Return the numbers of a user's followers and of those the user follows.

    As Stream does, count only follows of `user` feeds by `timeline` feeds: a new application has
    these two groups.
    """
    edges = Follow.objects.filter(source__slug="timeline", target__slug="user")
    return {
        "followers_count": edges.filter(target__user_id=user_id).count(),
        "following_count": edges.filter(source__user_id=user_id).count(),
    }


def get_user(user_id):
    user = StreamUser.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound(f"There is no user '{user_id}'.")
    return user


def update_user(user_id, data):
    """Replace the data of a user; raise NotFound."""
    now = timezone.now()
    if not StreamUser.objects.filter(pk=user_id).update(data=read_data(data), updated_at=now):
        raise NotFound(f"There is no user '{user_id}'.")
    return get_user(user_id)


def delete_user(user_id):
    if not StreamUser.objects.filter(pk=user_id).delete()[0]:
        raise NotFound(f"There is no user '{user_id}'.")


def render_user(user):
    return {
        "id": user.pk,
        "data": user.data,
        "created_at": record_time(user.created_at),
        "updated_at": record_time(user.updated_at),
    }


def missing_user(user_id):
    """Return the replacement of a missing user, in the form that the JavaScript client tests."""
    return {
        "error": "ReferenceNotFound",
        "reference": f"SU:{user_id}",
        "reference_type": "user",
        "id": user_id,
    }

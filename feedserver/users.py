"""Users of Stream's enrichment."""

import re
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from feedserver.bodies import as_text, check_size
from feedserver.database import atomically, in_parts
from feedserver.errors import Conflict, InvalidInput, NotFound
from feedserver.models import Follow, StreamUser
from feedserver.rows import Rows
from feedserver.sql import marks
from feedserver.times import record_time

_ID = re.compile(r"[\w@.-]{1,255}")
# Names in one query, which every database takes.
_AT_ONCE = 10_000


class UserRow(NamedTuple):
    pk: str
    data: dict
    created_at: datetime
    updated_at: datetime


_USERS = Rows(StreamUser, UserRow)


def read_data(value):
    """Return the data of a user or a reaction: an object up to 10 KB, {} for null."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("'data' must be an object.", field="data")
    check_size(value, "'data'")
    return value


def add_user(user_id, data, *, get_or_create):
    """Return a new user; one who exists is a conflict, or returned as they are."""
    user_id = _read_id(user_id)
    user, created = StreamUser.objects.get_or_create(pk=user_id, defaults={"data": read_data(data)})
    if not (created or get_or_create):
        raise Conflict(f"A user with the id '{user_id}' exists already.")
    return user


def is_user_id(text):
    return _ID.fullmatch(text) is not None


def _read_id(value):
    value = as_text(value)
    if not isinstance(value, str) or not is_user_id(value):
        raise InvalidInput("'id' is required: letters, digits, -, _, @ and dots.", field="id")
    return value


@atomically
def add_users(items, *, override):
    """Add users, all or none; replace those there already if `override`. Return them all."""
    rows = {}
    for item in items:
        name = _read_id(item.get("id"))
        rows[name] = StreamUser(pk=name, data=read_data(item.get("data")))
    how = {"ignore_conflicts": True}
    if override:
        how = {
            "update_conflicts": True,
            "unique_fields": ["id"],
            "update_fields": ["data", "updated_at"],
        }
    StreamUser.objects.bulk_create([rows[name] for name in sorted(rows)], **how)
    return find_users(rows)


def find_users(names):
    """Return the users that exist of `names`, in that order."""
    wanted = dict.fromkeys(names)
    found = {
        user.pk: user
        for part in in_parts(wanted, _AT_ONCE)
        for user in _USERS.where(f"id IN ({marks(part)})", part)
    }
    return [found[name] for name in wanted if name in found]


@atomically
def delete_users(names):
    """Delete users; return the ids of those who were there."""
    known = [user.pk for user in find_users(names)]
    StreamUser.objects.filter(pk__in=known).delete()
    return known


def follow_counts(user_id):
    """Return how many follow somebody and whom they follow, as Stream counts it.

    Only what follows `user` feeds from `timeline` feeds counts: these two groups are what an
    application begins with.
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
    """Replace the data of a user; raises NotFound."""
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
    """Return what stands for a user who is not there: the JavaScript client knows exactly this."""
    return {
        "error": "ReferenceNotFound",
        "reference": f"SU:{user_id}",
        "reference_type": "user",
        "id": user_id,
    }

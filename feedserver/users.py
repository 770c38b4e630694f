"""Users of Stream's enrichment."""

import re

from django.utils import timezone

from feedserver.errors import Conflict, InvalidInput, NotFound
from feedserver.models import StreamUser
from feedserver.times import record_time

_ID = re.compile(r"[\w@.-]{1,255}")


def read_data(value):
    """Return the data of a user: an object, {} for null."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput("'data' must be an object.", field="data")
    return value


def add_user(user_id, data, *, get_or_create):
    """Return a new user; one who exists is a conflict, or returned as they are."""
    user_id = (
        str(user_id) if isinstance(user_id, int) and not isinstance(user_id, bool) else user_id
    )
    if not isinstance(user_id, str) or not _ID.fullmatch(user_id):
        raise InvalidInput("'id' is required: letters, digits, -, _, @ and dots.", field="id")
    user, created = StreamUser.objects.get_or_create(pk=user_id, defaults={"data": read_data(data)})
    if not (created or get_or_create):
        raise Conflict(f"A user with the id '{user_id}' exists already.")
    return user


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

"""Objects of Stream's collections: the targets of references `SO:<collection>:<id>`."""

import re
import uuid
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from feedserver.bodies import as_text, check_size
from feedserver.database import atomically
from feedserver.errors import Conflict, InvalidInput, NotFound
from feedserver.models import StreamObject
from feedserver.row_mapper import RowMapper
from feedserver.sql import inline_table
from feedserver.times import record_time

_ID = re.compile(r"[\w-]{1,255}")


class ObjectRow(NamedTuple):
    collection: str
    object_id: str
    data: dict
    created_at: datetime
    updated_at: datetime


_OBJECTS = RowMapper(StreamObject, ObjectRow)


def read_id(value, *, field="id"):
    value = as_text(value)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidInput(f"'{field}' may have letters, digits, - and _.", field=field)
    return value


def read_data(value):
    if not isinstance(value, dict) or not value:
        raise InvalidInput("'data' must be an object that is not empty.", field="data")
    check_size(value, "'data'")
    return value


def add_object(collection, object_id, data, *, user_id=None):
    """Return a new object, with a random id unless one is given. Raise Conflict if it exists."""
    name = str(uuid.uuid4()) if object_id is None else read_id(object_id)
    row, created = StreamObject.objects.get_or_create(
        collection=read_id(collection, field="collection"),
        object_id=name,
        defaults={"data": read_data(data), "created_by": _read_author(user_id)},
    )
    if not created:
        raise Conflict(f"'{collection}:{name}' exists already.")
    return row


def _read_author(value):
    if value in (None, ""):
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or len(str(value)) > 255:
        raise InvalidInput("'user_id' must be the id of a user.", field="user_id")
    return str(value)


def get_object(collection, object_id):
    row = StreamObject.objects.filter(collection=collection, object_id=object_id).first()
    if row is None:
        raise NotFound(f"There is no '{collection}:{object_id}'.")
    return row


def update_object(collection, object_id, data):
    """Replace the data of an object; raise NotFound."""
    rows = StreamObject.objects.filter(collection=collection, object_id=object_id)
    if not rows.update(data=read_data(data), updated_at=timezone.now()):
        raise NotFound(f"There is no '{collection}:{object_id}'.")
    return get_object(collection, object_id)


def delete_object(collection, object_id):
    rows = StreamObject.objects.filter(collection=collection, object_id=object_id)
    if not rows.delete()[0]:
        raise NotFound(f"There is no '{collection}:{object_id}'.")


@atomically
def delete_objects(collection, object_ids):
    """Delete the existing objects of `object_ids`."""
    StreamObject.objects.filter(collection=collection, object_id__in=object_ids).delete()


@atomically
def upsert_objects(by_collection):
    """Insert or replace objects: `{collection: [{"id": …, **data}]}`; all or none."""
    rows = {}
    for collection, items in by_collection.items():
        for item in items:
            data = {name: value for name, value in item.items() if name != "id"}
            check_size(data, "An object")
            row = StreamObject(
                collection=read_id(collection, field="collection"),
                object_id=read_id(item.get("id")),
                data=data,
            )
            rows[row.collection, row.object_id] = row
    StreamObject.objects.bulk_create(
        [rows[key] for key in sorted(rows)],
        update_conflicts=True,
        unique_fields=["collection", "object_id"],
        update_fields=["data", "updated_at"],
    )


def find_objects(names):
    """Return the existing objects of `names`, pairs of collection and id, by these pairs."""
    pairs = sorted(set(names))
    if not pairs:
        return {}
    requested, parameters = inline_table(
        "requested", {"collection": "text", "object_id": "text"}, pairs
    )
    condition = f"(collection, object_id) IN (SELECT collection, object_id FROM {requested})"
    return {row[:2]: row for row in _OBJECTS.filter(condition, parameters)}


def render_object(row):
    return {
        "id": row.object_id,
        "collection": row.collection,
        "foreign_id": f"{row.collection}:{row.object_id}",
        "data": row.data,
        "created_at": record_time(row.created_at),
        "updated_at": record_time(row.updated_at),
    }

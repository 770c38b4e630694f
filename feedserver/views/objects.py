"""Views of objects."""

from feedserver import objects
from feedserver.auth import authorize
from feedserver.bodies import read_batch, read_object
from feedserver.errors import InvalidInput, NotAllowed
from feedserver.http import endpoint
from feedserver.parameters import read_list

MAX_OBJECTS = 1000


def add(request, collection):
    user = request.token.user_id
    authorize(request.token, resource="collections", action="write", owner=lambda: user)
    body = read_object(request)
    if user and str(body.get("user_id") or user) != user:
        raise NotAllowed()
    row = objects.add_object(
        collection, body.get("id"), body.get("data"), user_id=user or body.get("user_id")
    )
    return objects.render_object(row)


def get(request, collection, object_id):
    authorize(request.token, resource="collections", action="read")
    return objects.render_object(objects.get_object(collection, object_id))


def update(request, collection, object_id):
    _authorize_creator(request, collection, object_id, "write")
    body = read_object(request)
    if "id" in body:
        raise InvalidInput("The id of an object cannot be changed.", field="id")
    return objects.render_object(objects.update_object(collection, object_id, body.get("data")))


def delete(request, collection, object_id):
    _authorize_creator(request, collection, object_id, "delete")
    objects.delete_object(collection, object_id)
    return {}


def _authorize_creator(request, collection, object_id, action):
    authorize(
        request.token,
        resource="collections",
        action=action,
        owner=lambda: objects.get_object(collection, object_id).created_by,
    )


def upsert(request):
    """Insert or replace `{"data": {collection: [{"id": …, …}]}}`."""
    authorize(request.token, resource="collections", action="write")
    data = read_object(request).get("data")
    if not isinstance(data, dict):
        raise InvalidInput("'data' must be an object of lists.", field="data")
    for collection, items in data.items():
        read_batch(items, name=collection, maximum=MAX_OBJECTS)
    if sum(map(len, data.values())) > MAX_OBJECTS:
        raise InvalidInput(f"'data' may hold at most {MAX_OBJECTS} objects.", field="data")
    objects.upsert_objects(data)
    return {"data": data}


def get_many(request):
    authorize(request.token, resource="collections", action="read")
    foreign_ids = read_list(request.GET, "foreign_ids", maximum=MAX_OBJECTS)
    names = dict.fromkeys(text.partition(":")[::2] for text in foreign_ids)
    rows = objects.find_objects(names)
    rendered = [objects.render_object(rows[name]) for name in names if name in rows]
    return {"response": {"data": rendered}}


def delete_many(request):
    authorize(request.token, resource="collections", action="delete")
    names = read_list(request.GET, "ids", maximum=MAX_OBJECTS)
    objects.delete_objects(request.GET.get("collection_name", ""), names)
    return {}


all_objects = endpoint(GET=get_many, POST=upsert, DELETE=delete_many)
collection_objects = endpoint(POST=add)
one_object = endpoint(GET=get, PUT=update, DELETE=delete)

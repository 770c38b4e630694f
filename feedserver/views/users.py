"""Views of users."""

from feedserver import users
from feedserver.auth import authorize
from feedserver.bodies import read_batch, read_object
from feedserver.http import endpoint
from feedserver.parameters import read_flag, read_list

MAX_USERS = 1000


def add(request):
    _authorize(request, "write", lambda: str(read_object(request).get("id")))
    body = read_object(request)
    get_or_create = read_flag(request.GET, "get_or_create")
    return users.render_user(
        users.add_user(body.get("id"), body.get("data"), get_or_create=get_or_create)
    )


def get(request, user_id):
    """Return a user, with follow counts if the query asks for them."""
    authorize(request.token, resource="users", action="read")
    user = users.render_user(users.get_user(user_id))
    counts = read_flag(request.GET, "with_follow_counts")
    return {**user, **users.follow_counts(user_id)} if counts else user


def update(request, user_id):
    _authorize(request, "write", lambda: user_id)
    return users.render_user(users.update_user(user_id, read_object(request).get("data")))


def delete(request, user_id):
    _authorize(request, "delete", lambda: user_id)
    users.delete_user(user_id)
    return {}


def _authorize(request, action, owner):
    authorize(request.token, resource="users", action=action, owner=owner)


def add_many(request):
    """Add `{"users": [{"id", "data"}]}`; existing users change only with `override`."""
    authorize(request.token, resource="users", action="write")
    body = read_object(request)
    batch = read_batch(body.get("users"), name="users", maximum=MAX_USERS)
    rows = users.add_users(batch, override=body.get("override") is True)
    return {"created_users": [users.render_user(row) for row in rows]}


def get_many(request):
    authorize(request.token, resource="users", action="read")
    rows = users.find_users(read_list(request.GET, "ids", maximum=MAX_USERS))
    return {"users": [users.render_user(row) for row in rows]}


def delete_many(request):
    authorize(request.token, resource="users", action="delete")
    names = read_list(request.GET, "ids", maximum=MAX_USERS)
    return {"deleted_user_ids": users.delete_users(names)}


all_users = endpoint(POST=add)
one_user = endpoint(GET=get, PUT=update, DELETE=delete)
many_users = endpoint(GET=get_many, POST=add_many, DELETE=delete_many)

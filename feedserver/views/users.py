"""Users."""

from feedserver import users
from feedserver.auth import authorize
from feedserver.bodies import read_object
from feedserver.http import endpoint
from feedserver.parameters import read_flag


def add(request):
    authorize(request.token, resource="users", action="write")
    body = read_object(request)
    get_or_create = read_flag(request.GET, "get_or_create")
    return users.render_user(
        users.add_user(body.get("id"), body.get("data"), get_or_create=get_or_create)
    )


def get(request, user_id):
    authorize(request.token, resource="users", action="read")
    return users.render_user(users.get_user(user_id))


def update(request, user_id):
    authorize(request.token, resource="users", action="write")
    return users.render_user(users.update_user(user_id, read_object(request).get("data")))


def delete(request, user_id):
    authorize(request.token, resource="users", action="delete")
    users.delete_user(user_id)
    return {}


all_users = endpoint(POST=add)
one_user = endpoint(GET=get, PUT=update, DELETE=delete)

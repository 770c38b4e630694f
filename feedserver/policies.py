"""The permissions of user tokens.

These are Stream's default policies of a new application. Server tokens are not subject to them:
they allow everything in their claims.
"""

from feedserver.groups import get_group

READABLE_BY_ALL = {"user"}
WRITABLE_BY_ALL = {"notification"}
READ = "read"


def is_allowed(user_id, *, resource, action, feed_id=None, owner=None):
    """Return whether a user may do `action` to a resource: to a feed, or to what `owner` owns.

    `owner` is a function that returns a user's id, or None where there is no single owner.
    """
    if feed_id is not None:
        return _is_allowed_on_feed(user_id, resource, action, feed_id)
    if resource in {"users", "reactions", "collections", "activities"}:
        return action == READ or (owner is not None and owner() == user_id)
    return resource in {"open_graph", "analytics"}


def _is_allowed_on_feed(user_id, resource, action, feed_id):
    if feed_id.user_id == user_id and get_group(feed_id.slug).owned:
        return True
    allowed_to_all = {READ: READABLE_BY_ALL, "write": WRITABLE_BY_ALL}
    return resource == "feed" and feed_id.slug in allowed_to_all.get(action, ())


def is_self(user_id, actor):
    """Return whether an activity's actor is this user, by id or by reference."""
    return actor in {user_id, f"SU:{user_id}"}

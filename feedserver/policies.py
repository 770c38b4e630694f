"""What people may do with tokens of their own (protocol notes, section 2.10).

These are the policies that Stream gives a new application: servers may do everything that their
tokens are made out for, and do not come here.
"""

from feedserver.groups import get_group

READABLE_BY_ALL = {"user"}
WRITABLE_BY_ALL = {"notification"}
READ = "read"


def may(user_id, *, resource, action, feed_id=None, owner=None):
    """Whether a person may do `action` to a resource: to a feed, or to what `owner` has.

    `owner` is a function that returns a user's id, or None where there is no single owner.
    """
    if feed_id is not None:
        return _may_with_feed(user_id, resource, action, feed_id)
    if resource in {"users", "reactions", "collections", "activities"}:
        return action == READ or (owner is not None and owner() == user_id)
    return resource in {"open_graph", "analytics"}


def _may_with_feed(user_id, resource, action, feed_id):
    if feed_id.user_id == user_id and get_group(feed_id.slug).owned:
        return True
    everybody = {READ: READABLE_BY_ALL, "write": WRITABLE_BY_ALL}
    return resource == "feed" and feed_id.slug in everybody.get(action, ())


def is_self(user_id, actor):
    """Whether an activity's actor is this person, by id or by reference."""
    return actor in {user_id, f"SU:{user_id}"}

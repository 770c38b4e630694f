"""Views that change some fields or the target feeds of activities."""

from functools import partial

from feedserver.activities import MAX_TARGETS, read_targets, render_activity
from feedserver.auth import authorize, authorize_author, authorize_feeds
from feedserver.bodies import read_batch, read_json, read_object
from feedserver.errors import InvalidInput
from feedserver.http import endpoint
from feedserver.partial_updates import read_activity_id, read_change, update_partially
from feedserver.target_feeds import TargetsUpdate, update_targets
from feedserver.views.feeds import authorized_feed

MAX_CHANGES = 100


def update_parts(request):
    """Apply `{"changes": […]}`, or a single change."""
    user = request.token.user_id
    authorize(request.token, resource="activities", action="write", owner=lambda: user)
    body = read_object(request)
    many = "changes" in body
    sent = read_batch(body["changes"], name="changes", maximum=MAX_CHANGES) if many else [body]
    rows = update_partially(
        list(map(read_change, sent)), check_actors=partial(authorize_author, request.token)
    )
    rendered = [render_activity(row) for row in rows]
    return {"activities": rendered} if many else rendered[0]


def update_to_targets(request, slug, user_id):
    """Update the targets of one activity or a list; the response to a list of one is one object."""
    feed_id = authorized_feed(request, slug, user_id, resource="feed_targets", action="write")
    body = read_json(request)
    sent = read_batch(body if isinstance(body, list) else [body], name="body", maximum=MAX_CHANGES)
    updates = [_read_update(request, update) for update in sent]
    check = partial(authorize_author, request.token)
    updated = update_targets(feed_id, updates, check_actors=check)
    results = [_render(activity, added, removed) for activity, added, removed in updated]
    return results[0] if len(results) == 1 else {"results": results}


def _read_update(request, sent):
    """Return the TargetsUpdate in an object of the body."""
    new, added, removed = (
        read_targets(sent.get(name), field=name, maximum=MAX_TARGETS)
        for name in ("new_targets", "added_targets", "removed_targets")
    )
    replaces = sent.get("new_targets") is not None
    if replaces == bool(added or removed):
        detail = "Give either 'new_targets', or 'added_targets' and 'removed_targets'."
        raise InvalidInput(detail, field="new_targets")
    if set(added) & set(removed):
        raise InvalidInput("A feed is both added and removed.", field="added_targets")
    authorize_feeds(request.token, [*new, *added], action="write")
    return TargetsUpdate(read_activity_id(sent), new if replaces else None, added, removed)


def _render(activity, added, removed):
    rendered = {**render_activity(activity), "to": activity.to}
    return {"activity": rendered, "added": added, "removed": removed}


activity_parts = endpoint(POST=update_parts)
activity_targets = endpoint(POST=update_to_targets)

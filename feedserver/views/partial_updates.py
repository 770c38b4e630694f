"""Changes to activities that are there: some of their fields, and to whom they are addressed."""

from functools import partial

from feedserver.activities import MOST_TARGETS, read_targets, render_activity
from feedserver.addressing import Readdressing, update_targets
from feedserver.auth import authorize, authorize_author, authorize_feeds
from feedserver.bodies import read_batch, read_json, read_object
from feedserver.errors import InvalidInput
from feedserver.http import endpoint
from feedserver.partial_updates import read_activity_id, read_change, update_partially
from feedserver.views.feeds import authorized_feed

MOST = 100


def update_parts(request):
    """Make `{"changes": […]}`, or one change that is sent bare."""
    user = request.token.user_id
    authorize(request.token, resource="activities", action="write", owner=lambda: user)
    body = read_object(request)
    many = "changes" in body
    sent = read_batch(body["changes"], name="changes", maximum=MOST) if many else [body]
    rows = update_partially(
        [read_change(one) for one in sent], check_actors=partial(authorize_author, request.token)
    )
    rendered = [render_activity(row) for row in rows]
    return {"activities": rendered} if many else rendered[0]


def update_to_targets(request, slug, user_id):
    """Readdress one activity, or a list of them; one is answered alike, sent bare or in a list."""
    feed_id = authorized_feed(request, slug, user_id, resource="feed_targets", action="write")
    body = read_json(request)
    sent = read_batch(body if isinstance(body, list) else [body], name="body", maximum=MOST)
    updates = [_read_update(request, one) for one in sent]
    check = partial(authorize_author, request.token)
    answers = [_render(*one) for one in update_targets(feed_id, updates, check_actors=check)]
    return answers[0] if len(answers) == 1 else {"results": answers}


def _read_update(request, sent):
    """Return the Readdressing that one object of the body asks for."""
    new, added, removed = (
        read_targets(sent.get(name), field=name, maximum=MOST_TARGETS)
        for name in ("new_targets", "added_targets", "removed_targets")
    )
    replaces = sent.get("new_targets") is not None
    if replaces == bool(added or removed):
        detail = "Give either 'new_targets', or 'added_targets' and 'removed_targets'."
        raise InvalidInput(detail, field="new_targets")
    if set(added) & set(removed):
        raise InvalidInput("A feed is both added and removed.", field="added_targets")
    authorize_feeds(request.token, [*new, *added], action="write")
    return Readdressing(read_activity_id(sent), new if replaces else None, added, removed)


def _render(activity, added, removed):
    rendered = {**render_activity(activity), "to": activity.to}
    return {"activity": rendered, "added": added, "removed": removed}


activity_parts = endpoint(POST=update_parts)
activity_targets = endpoint(POST=update_to_targets)

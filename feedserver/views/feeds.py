"""Views of feeds: read, add, remove."""

from functools import partial

from feedserver import activities, ids
from feedserver.auth import authorize, authorize_author, authorize_feeds
from feedserver.bodies import read_batch, read_object
from feedserver.enrichment import enrich, enrich_groups
from feedserver.errors import InvalidInput
from feedserver.feed_ids import make_feed_id
from feedserver.feed_pages import READERS, read_page
from feedserver.groups import get_group
from feedserver.http import endpoint
from feedserver.marks import Marks, read_marks
from feedserver.parameters import read_flag
from feedserver.ranking import check_ranking
from feedserver.reaction_flags import read_flags
from feedserver.target_feeds import add_to_feeds

MAX_ACTIVITIES = 100
MAX_FEEDS = 5000


def authorized_feed(request, slug, user_id, *, resource="feed", action):
    """Return the id of the feed in the path, after checking that the token allows `action`."""
    feed_id = make_feed_id(slug, user_id)
    authorize(request.token, resource=resource, action=action, feed_id=feed_id)
    return feed_id


def read(request, slug, user_id):
    """Return a page of a feed, and mark groups of a notification feed as the query asks."""
    feed_id = authorized_feed(request, slug, user_id, action="read")
    group = get_group(slug)
    check_ranking(request.GET, group)
    marks = read_marks(request.GET) if group.has_marks else Marks()
    if marks:
        authorize_marking(request.token, feed_id)
    if request.method == "HEAD":
        marks = Marks()
    return READERS[group.type](feed_id, read_page(request), marks)


def authorize_marking(token, feed_id):
    """Raise NotAllowed for a read-only token.

    The Python client marks with a token to read "feed"; its read-only tokens are to read "*".
    """
    if token.claims.get("resource") != "feed":
        authorize(token, resource="feed", action="write", feed_id=feed_id)


def read_enriched(request, slug, user_id):
    response = read(request, slug, user_id)
    enriched = enrich_groups if get_group(slug).aggregates else enrich
    return {**response, "results": enriched(response["results"], read_flags(request))}


def add(request, slug, user_id):
    """Add one activity and return it, or add and return `{"activities": […]}`."""
    feed_id = authorized_feed(request, slug, user_id, action="write")
    body = read_object(request)
    if "activities" not in body:
        (row,) = _add(request, feed_id, [body])
        return activities.render_activity(row)
    batch = read_batch(body["activities"], name="activities", maximum=MAX_ACTIVITIES)
    rows = _add(request, feed_id, batch)
    return {"activities": [activities.render_activity(row) for row in rows]}


def _add(request, feed_id, batch):
    drafts = [activities.read_draft(sent) for sent in batch]
    authorize_author(request.token, {draft.row.actor for draft in drafts})
    authorize_feeds(request.token, {name for draft in drafts for name in draft.to}, action="write")
    # Only its author may overwrite an existing activity.
    check = partial(authorize_author, request.token)
    return activities.add_activities(feed_id, drafts, check_actors=check)


def add_to_many(request):
    """Add one activity to many feeds, without fan-out, as Stream does."""
    authorize(request.token, resource="feed", action="write")
    body = read_object(request)
    feeds = activities.read_targets(body.get("feeds"), field="feeds", maximum=MAX_FEEDS)
    sent = body.get("activity")
    if not feeds or not isinstance(sent, dict):
        raise InvalidInput("'activity' must be an object and 'feeds' a list of feed ids.")
    if sent.get("to"):
        raise InvalidInput("An activity for many feeds cannot have 'to'.", field="to")
    add_to_feeds(feeds, activities.read_draft(sent), fan_out=False)
    return {}


def remove(request, slug, user_id, activity_id):
    """Remove an activity by id, or by foreign id with `?foreign_id=1`; it need not exist."""
    feed_id = authorized_feed(request, slug, user_id, action="delete")
    if read_flag(request.GET, "foreign_id"):
        activities.remove_foreign_id(feed_id, activity_id)
    elif stored := ids.from_wire(activity_id):
        activities.remove_activity(feed_id, stored)
    return {"removed": activity_id}


feed = endpoint(GET=read, POST=add)
enriched_feed = endpoint(GET=read_enriched)
feed_activity = endpoint(DELETE=remove)
many_feeds = endpoint(POST=add_to_many)

"""Feeds: read, add, remove."""

from functools import partial

from feedserver import activities, ids
from feedserver.addressing import add_to_feeds
from feedserver.auth import authorize, authorize_author, authorize_feeds
from feedserver.bodies import read_batch, read_object
from feedserver.enrichment import enrich, enrich_groups
from feedserver.errors import InvalidInput
from feedserver.feed_ids import make_feed_id
from feedserver.groups import get_group
from feedserver.http import endpoint
from feedserver.marks import Marks, read_marks
from feedserver.parameters import read_flag
from feedserver.ranking import check_ranking
from feedserver.reaction_flags import read_flags
from feedserver.reads import READERS, read_page

MOST_ACTIVITIES = 100
MOST_FEEDS = 5000


def authorized_feed(request, slug, user_id, *, resource="feed", action):
    """Return the id of the feed in the path, if the request's token may do `action` to it."""
    feed_id = make_feed_id(slug, user_id)
    authorize(request.token, resource=resource, action=action, feed_id=feed_id)
    return feed_id


def read(request, slug, user_id):
    """Return a page of a feed; of a notification feed with marks, which it may change."""
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
    """Raise NotAllowed for a token that may only look.

    The Python client marks with a token to read "feed", its read-only tokens are to read "*".
    """
    if token.claims.get("resource") != "feed":
        authorize(token, resource="feed", action="write", feed_id=feed_id)


def read_enriched(request, slug, user_id):
    answer = read(request, slug, user_id)
    enriched = enrich_groups if get_group(slug).aggregates else enrich
    return {**answer, "results": enriched(answer["results"], read_flags(request))}


def add(request, slug, user_id):
    """Add one activity, the answer being the activity, or `{"activities": […]}` of them."""
    feed_id = authorized_feed(request, slug, user_id, action="write")
    body = read_object(request)
    if "activities" not in body:
        (row,) = _add(request, feed_id, [body])
        return activities.render_activity(row)
    batch = read_batch(body["activities"], name="activities", maximum=MOST_ACTIVITIES)
    rows = _add(request, feed_id, batch)
    return {"activities": [activities.render_activity(row) for row in rows]}


def _add(request, feed_id, batch):
    drafts = [activities.read_draft(sent) for sent in batch]
    authorize_author(request.token, {draft.row.actor for draft in drafts})
    authorize_feeds(request.token, {name for draft in drafts for name in draft.to}, action="write")
    # An activity that is there already is overwritten: by its author alone.
    check = partial(authorize_author, request.token)
    return activities.add_activities(feed_id, drafts, check_actors=check)


def add_to_many(request):
    """Add one activity to many feeds; Stream does not fan it out to those that follow them."""
    authorize(request.token, resource="feed", action="write")
    body = read_object(request)
    feeds = activities.read_targets(body.get("feeds"), field="feeds", maximum=MOST_FEEDS)
    sent = body.get("activity")
    if not feeds or not isinstance(sent, dict):
        raise InvalidInput("'activity' must be an object and 'feeds' a list of feed ids.")
    if sent.get("to"):
        raise InvalidInput("An activity for many feeds cannot have 'to'.", field="to")
    add_to_feeds(feeds, activities.read_draft(sent), fan_out=False)
    return {}


def remove(request, slug, user_id, activity_id):
    """Remove by id, or by foreign id with `?foreign_id=1`; what is not there is removed, too."""
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

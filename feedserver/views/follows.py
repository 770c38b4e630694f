"""Views of follows."""

from feedserver import follows
from feedserver.auth import authorize, authorize_feeds
from feedserver.bodies import read_batch, read_json, read_object
from feedserver.errors import InvalidInput
from feedserver.feed_ids import parse_feed_id
from feedserver.follows import Relation, read_copy_limit, read_keep_history
from feedserver.http import endpoint
from feedserver.parameters import read_flag, read_list, read_number
from feedserver.views.feeds import authorized_feed

MAX_LISTED = 500
MAX_RELATIONS = 2500
MAX_SLUGS = 100


def follow(request, slug, user_id):
    source = authorized_feed(request, slug, user_id, resource="follower", action="write")
    body = read_object(request)
    target = parse_feed_id(body.get("target"), field="target")
    # A follower can read the activities of the feed.
    authorize_feeds(request.token, [target], action="read")
    limit = read_copy_limit(body.get("activity_copy_limit"))
    follows.follow([Relation(source, target, copy_limit=limit)])
    return {}


def unfollow(request, slug, user_id, target):
    source = authorized_feed(request, slug, user_id, resource="follower", action="delete")
    keep = read_flag(request.GET, "keep_history")
    relation = Relation(source, parse_feed_id(target, field="target"), keep_history=keep)
    follows.unfollow([relation])
    return {}


def following(request, slug, user_id):
    return _list(follows.list_following, request, slug, user_id)


def followers(request, slug, user_id):
    return _list(follows.list_followers, request, slug, user_id)


def _list(function, request, slug, user_id):
    feed_id = authorized_feed(request, slug, user_id, resource="follower", action="read")
    rows = function(
        feed_id,
        limit=read_number(request.GET, "limit", default=25, maximum=MAX_LISTED),
        offset=read_number(request.GET, "offset", default=0),
        filter_ids=read_list(request.GET, "filter", maximum=MAX_LISTED),
    )
    return {"results": rows}


def follow_many(request):
    """Follow by a list of `{source, target, activity_copy_limit?}`; all or none."""
    authorize(request.token, resource="follower", action="write")
    default = read_number(
        request.GET,
        "activity_copy_limit",
        default=follows.DEFAULT_COPY_LIMIT,
        maximum=follows.MAX_COPY_LIMIT,
    )
    follows.follow(
        [
            Relation(
                *_ends(row), copy_limit=read_copy_limit(row.get("activity_copy_limit"), default)
            )
            for row in _relations(request)
        ]
    )
    return {}


def unfollow_many(request):
    """Unfollow by a list of `{source, target, keep_history?}`; all or none."""
    authorize(request.token, resource="follower", action="delete")
    follows.unfollow(
        [
            Relation(*_ends(row), keep_history=read_keep_history(row.get("keep_history")))
            for row in _relations(request)
        ]
    )
    return {}


def stats(request):
    """Count the `followers` of a feed and the feeds that one is `following`, by slugs if given."""
    texts = {name: request.GET[name] for name in follows.COUNTED if request.GET.get(name)}
    feeds = {name: parse_feed_id(text, field=name) for name, text in texts.items()}
    for feed_id in (request.token.is_user_token and feeds.values()) or [None]:
        authorize(request.token, resource="follower", action="read", feed_id=feed_id)
    if not feeds:
        raise InvalidInput("Give 'followers' or 'following'.")
    slugs = {name: read_list(request.GET, f"{name}_slugs", maximum=MAX_SLUGS) for name in feeds}
    counts = {name: follows.count(name, feeds[name], slugs[name]) for name in feeds}
    return {"results": {name: {"feed": str(feeds[name]), "count": counts[name]} for name in feeds}}


def _relations(request):
    # The Python client sends {} for an empty list.
    return read_batch(read_json(request) or [], name="body", maximum=MAX_RELATIONS)


def _ends(row):
    return (
        parse_feed_id(row.get("source"), field="source"),
        parse_feed_id(row.get("target"), field="target"),
    )


feed_following = endpoint(GET=following, POST=follow)
feed_followers = endpoint(GET=followers)
feed_followed = endpoint(DELETE=unfollow)
many_followed = endpoint(POST=follow_many)
follow_stats = endpoint(GET=stats)
many_unfollowed = endpoint(POST=unfollow_many)

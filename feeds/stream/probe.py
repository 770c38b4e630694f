"""Test of the feed groups on Stream, with the real credentials."""

import uuid
from datetime import UTC, datetime

from stream.exceptions import FeedConfigException
from stream_django.feed_manager import feed_manager

from feeds.stream import api
from feeds.stream.errors import check_answer, ignore_missing

# A feed in each group that belongs to nobody; the activity added to it is removed again.
FEED_ID = "check_stream"


def find_problem(group):
    """Return what is wrong with a feed group on Stream, "" if nothing is.

    It takes one activity: an empty feed does not show its type. Raises the errors of calls.
    """
    path = f"feed/{group.slug}/{FEED_ID}/"
    try:
        api.get(path, limit=1)
    except FeedConfigException:
        return "is missing"
    feed = feed_manager.get_feed(group.slug, FEED_ID)
    activity = {
        "actor": f"SU:{FEED_ID}",
        "verb": "check",
        "object": f"SO:check:{FEED_ID}",
        "foreign_id": f"{FEED_ID}:{uuid.uuid4()}",
        "time": datetime.now(UTC),
    }
    added = check_answer(feed.add_activity(activity))
    try:
        answer = api.get(path, limit=1)
    finally:
        with ignore_missing():
            check_answer(feed.remove_activity(added["id"]))
    return _examine(group, answer, {**activity, "id": added["id"]})


def _examine(group, answer, activity):
    (result,) = answer["results"]
    actual = "notification" if "unseen" in answer else "aggregated"
    actual = actual if "activities" in result else "flat"
    if actual != group.type:
        return f"is there, but {actual} instead of {group.type}"
    name = group.name_for({**activity, "time": activity["time"].isoformat()})
    if name not in (None, result.get("group")):
        return "is there, with another aggregation format"
    return ""

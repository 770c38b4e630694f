"""Test of the feed groups on Stream, with the real credentials."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from stream.exceptions import FeedConfigException
from stream_django.feed_manager import feed_manager

from feeds.stream import api
from feeds.stream.errors import check_answer, ignore_missing
from feeds.stream.groups import FeedGroup, configured_groups

# A feed in each group that belongs to nobody; the activity added to it is removed again.
FEED_ID = "check_stream"


@dataclass(frozen=True)
class Finding:
    """The result for a group; `type` is None if Stream has no such group."""

    group: FeedGroup
    type: str | None
    has_format: bool = True

    @property
    def is_right(self):
        return self.type == self.group.type and self.has_format

    def __str__(self):
        if self.type is None:
            return "is missing"
        if self.type != self.group.type:
            return f"is there, but {self.type} instead of {self.group.type}"
        return "is there" if self.has_format else "is there, with another aggregation format"


def probe_all():
    """Yield a Finding for each group; raises the errors of calls to Stream."""
    return map(probe, configured_groups().values())


def probe(group):
    """Return the Finding for a group, by one activity: an empty feed does not show its type."""
    path = f"feed/{group.slug}/{FEED_ID}/"
    try:
        api.get(path, limit=1)
    except FeedConfigException:
        return Finding(group, None)
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
    if "activities" not in result:
        return Finding(group, "flat")
    found_type = "notification" if "unseen" in answer else "aggregated"
    if not group.aggregates:
        return Finding(group, found_type)
    name = group.name_for({**activity, "time": activity["time"].isoformat()})
    return Finding(group, found_type, has_format=name in (None, result["group"]))

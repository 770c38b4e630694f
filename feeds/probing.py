"""Whether Stream has the feed groups that this project needs, tried with the real credentials."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from stream.exceptions import FeedConfigException
from stream_django.feed_manager import feed_manager

from feeds import asking
from feeds.answers import answered, gone_is_done
from feeds.groups import FeedGroup, configured

# Nobody's feed, in each group: it is written to and emptied again.
FEED_ID = "check_stream"


@dataclass(frozen=True)
class Finding:
    """What Stream says of a group; `found_type` is None where it has no such group."""

    group: FeedGroup
    found_type: str | None
    has_format: bool = True

    @property
    def is_right(self):
        return self.found_type == self.group.type and self.has_format

    def __str__(self):
        if self.found_type is None:
            return "is missing"
        if self.found_type != self.group.type:
            return f"is there, but {self.found_type} instead of {self.group.type}"
        if not self.has_format:
            return "is there, with another aggregation format"
        return "is there"


def probe_all():
    """Yield a Finding for each group; raises what asking Stream raises."""
    return map(probe, configured().values())


def probe(group):
    """Find out what a group is: by one activity, as an empty feed does not tell its type."""
    try:
        asking.ask(f"feed/{group.slug}/{FEED_ID}/", limit=1)
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
    added = answered(feed.add_activity(activity))
    try:
        answer = asking.ask(f"feed/{group.slug}/{FEED_ID}/", limit=1)
    finally:
        with gone_is_done():
            answered(feed.remove_activity(added["id"]))
    return _look_at(group, answer, {**activity, "id": added["id"]})


def _look_at(group, answer, activity):
    (result,) = answer["results"]
    if "activities" not in result:
        return Finding(group, "flat")
    found_type = "notification" if "unseen" in answer else "aggregated"
    if not group.aggregates:
        return Finding(group, found_type)
    name = group.name_for({**activity, "time": activity["time"].isoformat()})
    return Finding(group, found_type, has_format=name in (None, result["group"]))

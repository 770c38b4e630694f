"""The tables of the feed server."""

from feedserver.models.activities import Activity, RemovedActivity
from feedserver.models.audit import AuditEntry
from feedserver.models.entries import ActivityGroup, FeedEntry
from feedserver.models.feeds import Feed, FeedLength, Follow
from feedserver.models.reactions import Reaction, ReactionCount
from feedserver.models.references import StreamObject, StreamUser

__all__ = [
    "Activity",
    "ActivityGroup",
    "AuditEntry",
    "Feed",
    "FeedEntry",
    "FeedLength",
    "Follow",
    "Reaction",
    "ReactionCount",
    "RemovedActivity",
    "StreamObject",
    "StreamUser",
]

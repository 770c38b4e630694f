"""Which feed holds which activity, and the groups of aggregated feeds, in set-based SQL.

Every function here runs in its caller's transaction, with the feeds that are written to locked
(`feedserver.database`). Fan-out never locks followers: what it may change of theirs is their
groups, always in the order of names and feeds, so that two that meet wait rather than deadlock.

The order of locks is everybody's: feeds by their keys, then activities by theirs, then groups by
name and feed, then the lengths of feeds by the feeds' keys. A feed that became too long is
shortened after that, with its groups locked once more: who meets somebody else there may come to a
deadlock, and is repeated (`feedserver.database.atomically`).
"""

from feedserver.entries.bare_feeds import forget_bare_feeds
from feedserver.entries.fan_out import distribute
from feedserver.entries.group_counts import recount_groups_of
from feedserver.entries.history import Wish, copy_history
from feedserver.entries.removal import purge, shorten, take_out

__all__ = [
    "Wish",
    "copy_history",
    "distribute",
    "forget_bare_feeds",
    "purge",
    "recount_groups_of",
    "shorten",
    "take_out",
]

"""The entries of feeds and the groups of aggregated feeds, written by set-based SQL.

Every function runs in its caller's transaction, with the feeds that are written to locked
(`feedserver.database`). Fan-out does not lock followers. It changes their groups, always in the
order of names and feeds, so that concurrent writes wait for each other instead of deadlocking.

Locks are taken in this order: feeds by key, activities by key, groups by name and feed, lengths of
feeds by the feeds' keys. A feed that has become too long is trimmed after that, and its groups are
locked once more. This may cause a deadlock; the transaction is then retried
(`feedserver.database.atomically`).
"""

from feedserver.entries.fan_out import distribute
from feedserver.entries.group_counts import recount_groups_of
from feedserver.entries.history import HistoryCopy, copy_history
from feedserver.entries.removal import purge, remove_entries, trim
from feedserver.entries.unused_feeds import delete_unused_feeds

__all__ = [
    "HistoryCopy",
    "copy_history",
    "delete_unused_feeds",
    "distribute",
    "purge",
    "recount_groups_of",
    "remove_entries",
    "trim",
]

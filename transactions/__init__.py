"""Transactions and row locks, shared by every app but `feedserver`, which keeps its own.

Two transactions that lock the same rows in a different order can deadlock. All code of this project
locks rows in one order, and rows of one table in the order of their primary keys:

1. bookmark imports (`collections_app.imports.lock`)
2. people (`accounts.services.lock_people`)
3. collections, then links
4. messages
5. moderation cases
6. the head of the moderation log
7. the notification cursors of people (`notifications.services.notify`)

Where that order cannot be kept, `atomically` repeats a transaction that PostgreSQL ended to break a
deadlock. A suspension decided on a case, for example, locks followed collections after the case,
and saving or moving a link locks the link before the collection that gets the copy.
`feedserver.entries` has the order of the feed server's own tables.
"""

from transactions.batches import in_batches
from transactions.locks import lock_keys, lock_row, lock_rows
from transactions.retries import atomically

__all__ = ["atomically", "in_batches", "lock_keys", "lock_row", "lock_rows"]

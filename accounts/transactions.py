"""Transactions that concern several people at once."""

import functools
import time

from django.db import OperationalError, connection, transaction

TRIES = 5
# PostgreSQL's deadlock_detected.
DEADLOCK = "40P01"


def atomically(function):
    """Run `function` in a transaction, again if the database ended that to break a deadlock.

    People are locked in the order of their keys (`accounts.services`), so that this is rare: it
    takes a follow that is made while its follower is suspended, say. Inside a caller's transaction
    there is nothing to repeat: the error is the caller's.
    """

    @functools.wraps(function)
    def run(*args, **kwargs):
        for attempt in range(1, TRIES + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                deadlock = getattr(error.__cause__, "sqlstate", None) == DEADLOCK
                if not deadlock or attempt == TRIES or connection.in_atomic_block:
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    return run

"""Transactions that are repeated after a deadlock."""

import functools
import time

from django.db import OperationalError, connection, transaction

MAX_ATTEMPTS = 5
# PostgreSQL's deadlock_detected.
DEADLOCK = "40P01"


def atomically(function):
    """Run `function` in a transaction, and repeat it if PostgreSQL ended that to break a deadlock.

    Rows are locked in one order (see the package), so this is rare: it takes a follow that is made
    while its follower is suspended, for example. Within a caller's transaction nothing is repeated:
    the caller's whole transaction has failed, so the error is raised.
    """

    @functools.wraps(function)
    def run(*args, **kwargs):
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                is_deadlock = getattr(error.__cause__, "sqlstate", None) == DEADLOCK
                if not is_deadlock or attempt == MAX_ATTEMPTS or connection.in_atomic_block:
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    return run

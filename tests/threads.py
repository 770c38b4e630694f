"""Many at once, on real connections."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

SECONDS = 60


def run_at_once(acts, expected=()):
    """Run each of `acts` in a thread of its own, all beginning together.

    Returns what each returned, in their order; an exception of a class in `expected` counts as a
    result, any other fails the test, as does an act that takes over a minute.
    """
    start = threading.Barrier(len(acts))

    def run(act):
        start.wait(SECONDS)
        try:
            return act()
        except expected as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        running = [threads.submit(run, act) for act in acts]
        return [thread.result(SECONDS) for thread in running]

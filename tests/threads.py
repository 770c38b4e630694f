"""Concurrent functions on real database connections."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

MAX_SECONDS = 60


def run_at_once(functions, expected=()):
    """Run each function in its own thread, all starting at once, and return their results in order.

    An exception of a class in `expected` counts as a result. Any other fails the test, as does a
    function that takes over a minute.
    """
    start = threading.Barrier(len(functions))

    def run(function):
        start.wait(MAX_SECONDS)
        try:
            return function()
        except expected as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as threads:
        running = [threads.submit(run, function) for function in functions]
        return [thread.result(MAX_SECONDS) for thread in running]

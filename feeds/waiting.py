"""How long a request of a person's may wait for Stream, and how many of them at once.

A thread that waits serves nobody. What asks for more than that is told that Stream cannot be asked,
as it would be a little later.
"""

import threading
from contextlib import contextmanager

from feeds import conf

# For a place, in seconds: with Stream well, they are free again that soon.
WAIT_FOR_A_PLACE = 0.1


class TooManyWaitError(Exception):
    """As many requests wait for Stream as may."""


class Places:
    """Room for `number` requests that wait, each `seconds` for a connection and then an answer."""

    def __init__(self, number, *, seconds):
        self.number, self.seconds = number, seconds
        self._free = threading.BoundedSemaphore(number)

    @contextmanager
    def one(self):
        """Hold one of the places; embedded, nobody waits for anyone."""
        if conf.is_embedded():
            yield
            return
        if not self._free.acquire(timeout=WAIT_FOR_A_PLACE):
            raise TooManyWaitError(f"{self.number} requests wait for Stream already")
        try:
            yield
        finally:
            self._free.release()


# Reading and marking feeds.
FEEDS = Places(2, seconds=1)
# Descriptions of foreign pages, which Stream has to fetch first.
PAGES = Places(2, seconds=4)

"""Limits of how many page requests call Stream at once, and for how long.

A thread that waits for Stream serves nobody else. Beyond the limit a call fails at once, as it
would a little later.
"""

import threading
from contextlib import contextmanager

from feeds import conf

# How long to wait for a free slot: while Stream is well, one is free again that soon.
SLOT_SECONDS = 0.1


class ConcurrencyLimitReached(Exception):
    """As many requests call Stream as may."""


class ConcurrencyLimit:
    """At most `number` calls at once, each with a timeout of `seconds`."""

    def __init__(self, number, *, seconds):
        self.number, self.seconds = number, seconds
        self._free = threading.BoundedSemaphore(number)

    @contextmanager
    def slot(self):
        """Hold one of the slots; without limit where feeds are embedded."""
        if conf.is_embedded():
            yield
            return
        if not self._free.acquire(timeout=SLOT_SECONDS):
            raise ConcurrencyLimitReached(f"{self.number} requests call Stream already")
        try:
            yield
        finally:
            self._free.release()


# Reading and marking feeds.
FEED_READS = ConcurrencyLimit(2, seconds=1)
# Descriptions of web pages, which Stream has to fetch first.
PAGE_DESCRIPTIONS = ConcurrencyLimit(2, seconds=4)

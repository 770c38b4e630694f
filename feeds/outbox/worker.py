"""The loop of `manage.py deliver_feeds`, which any number of processes may run."""

import logging
import time

from django.db import Error, close_old_connections

from feeds.models import OutboxEntry, Pause
from feeds.outbox.claims import BATCH, claim
from feeds.outbox.delivery import deliver
from feeds.outbox.entries import prune
from feeds.signals import worker_tick
from feeds.stream.errors import last_answer

logger = logging.getLogger(__name__)

POLL_SECONDS, MAX_POLL_SECONDS = 1, 15
TICK_SECONDS = 60
MIN_PAUSE, MAX_PAUSE = 1, 60


def next_pause(pause):
    return min(MAX_PAUSE, pause * 2) or MIN_PAUSE


class Worker:
    """Deliver due entries until stopped; `pause` is 0 unless Stream is unreachable."""

    def __init__(self):
        self.stopping, self.tried, self.pause, self._database_pause = False, 0, 0, 0
        self._after, self._tick_at, self._warned = "", time.monotonic(), False

    def stop(self, *args):
        self.stopping = True

    def run(self):
        logger.info("worker starts")
        while not self.stopping:
            self._sleep(self.deliver_due())
        logger.info("worker ends", extra={"tried": self.tried})

    def deliver_due(self):
        """Deliver until nothing is due; return how many seconds to sleep before the next try.

        That is a pause if Stream, or the database, cannot be reached.
        """
        try:
            close_old_connections()
            while not self.stopping:
                self._tick()
                started = time.monotonic()
                # While Stream is unreachable, one entry is enough to see whether it is back.
                claimed = claim(1 if self.pause else BATCH, after=self._after)
                self._database_pause = 0
                if claimed is None:
                    # Reading very many postponed entries must not fill all the time.
                    elapsed = time.monotonic() - started
                    return min(max(POLL_SECONDS, 5 * elapsed), MAX_POLL_SECONDS)
                self._after = claimed.entries[-1].key
                delivery = deliver(claimed, stop=lambda: self.stopping)
                self.tried += delivery.tried
                if delivery.unreachable:
                    return self._back_off(delivery.unreachable.wait)
                if last_answer.at >= started:  # not if no call was made, or it failed before one
                    self._resume()
        except Error:
            logger.exception("worker")
            self._database_pause = next_pause(self._database_pause)
            return self._database_pause
        return 0

    def _back_off(self, wait):
        """Begin or lengthen the pause; return its seconds, at least the `wait` of Stream."""
        self.pause = next_pause(self.pause)
        seconds = max(self.pause, wait)
        logger.warning("worker pauses", extra={"seconds": round(seconds, 1)})
        Pause.objects.record(seconds)
        return seconds

    def _resume(self):
        if self.pause:
            self.pause = 0
            Pause.objects.here().delete()
            logger.info("worker goes on")

    def _sleep(self, seconds):
        """Sleep in short steps: a signal does not end a sleep early, it only sets `stopping`."""
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            self._tick()
            time.sleep(min(0.5, max(0, until - time.monotonic())))

    def _tick(self):
        """Do what is due by the clock, about once a minute."""
        if time.monotonic() < self._tick_at:
            return
        self._tick_at = time.monotonic() + TICK_SECONDS
        worker_tick.send_robust(sender=None)
        try:
            close_old_connections()
            self._warn_of_other_destinations()
            if self.pause:
                Pause.objects.record()
            if pruned := prune():
                logger.info("worker prunes", extra={"entries": pruned})
        except Error:
            logger.exception("worker")

    def _warn_of_other_destinations(self):
        """Warn once of entries that this worker does not deliver: its API key is another one."""
        if not self._warned and (count := OutboxEntry.objects.elsewhere().pending().count()):
            logger.warning("entries wait for another destination", extra={"entries": count})
            self._warned = True

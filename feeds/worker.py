"""The loop around delivery: what `manage.py deliver_feeds` runs, in any number of processes."""

import logging
import time

from django.db import Error, close_old_connections

from feeds import outbox
from feeds.answers import heard
from feeds.claims import BATCH, claim
from feeds.delivery import deliver
from feeds.pauses import end_pause, note_pause
from feeds.signals import worker_tick

logger = logging.getLogger(__name__)

POLL_SECONDS, LONGEST_POLL = 1, 15
TICK_SECONDS = 60
FIRST_PAUSE, LONGEST_PAUSE = 1, 60


def longer(pause):
    return min(LONGEST_PAUSE, pause * 2) or FIRST_PAUSE


class Worker:
    """Delivers what is due until it is stopped; its `pause` is 0 unless Stream is out of reach."""

    def __init__(self):
        self.stopping, self.tried, self.pause, self._database_pause = False, 0, 0, 0
        self._after, self._tick_at, self._told_elsewhere = "", time.monotonic(), False

    def stop(self, *args):
        self.stopping = True

    def run(self):
        logger.info("worker starts")
        while not self.stopping:
            self._rest(self.deliver_due())
        logger.info("worker ends", extra={"tried": self.tried})

    def deliver_due(self):
        """Deliver until nothing is due; return how many seconds to rest before there may be more.

        That is a pause once Stream, or the database, cannot be reached.
        """
        try:
            close_old_connections()
            while not self.stopping:
                self._tick()
                started = time.monotonic()
                # With Stream out of reach, one entry is enough to see whether it is back.
                claimed = claim(1 if self.pause else BATCH, after=self._after)
                self._database_pause = 0
                if claimed is None:
                    # Looking through very many that wait is not done all the time.
                    looked = time.monotonic() - started
                    return min(max(POLL_SECONDS, 5 * looked), LONGEST_POLL)
                self._after = claimed.entries[-1].key
                sending = deliver(claimed, stop=lambda: self.stopping)
                self.tried += sending.tried
                if sending.unreachable:
                    return self._back_off(sending.unreachable.wait)
                if heard.at >= started:  # not if there was nothing to tell, or it failed here
                    self._go_on()
        except Error:
            logger.exception("worker")
            self._database_pause = longer(self._database_pause)
            return self._database_pause
        return 0

    def _back_off(self, wait):
        """Return for how long to leave Stream alone: `wait` seconds if it asks for more."""
        self.pause = longer(self.pause)
        seconds = max(self.pause, wait)
        logger.warning("worker pauses", extra={"seconds": round(seconds, 1)})
        note_pause(seconds)
        return seconds

    def _go_on(self):
        if self.pause:
            self.pause = 0
            end_pause()
            logger.info("worker goes on")

    def _rest(self, seconds):
        """Sleep in short steps: a signal does not end a sleep early, it only sets `stopping`."""
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            self._tick()
            time.sleep(min(0.5, max(0, until - time.monotonic())))

    def _tick(self):
        """Do about once a minute what is due by the clock."""
        if time.monotonic() < self._tick_at:
            return
        self._tick_at = time.monotonic() + TICK_SECONDS
        worker_tick.send_robust(sender=None)
        try:
            close_old_connections()
            self._look_elsewhere()
            if self.pause:
                note_pause()
            if pruned := outbox.prune():
                logger.info("worker prunes", extra={"entries": pruned})
        except Error:
            logger.exception("worker")

    def _look_elsewhere(self):
        """Say once what this worker will not deliver: it has another key."""
        if not self._told_elsewhere and (count := outbox.for_elsewhere().count()):
            logger.warning("entries wait for another destination", extra={"entries": count})
            self._told_elsewhere = True

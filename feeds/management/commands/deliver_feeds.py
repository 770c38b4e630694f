import logging
import signal
import time

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from feeds.delivery import deliver, deliver_pending
from feeds.outbox import claim
from feeds.signals import worker_tick

logger = logging.getLogger("feeds")

POLL_SECONDS = 1
TICK_SECONDS = 60
LONGEST_PAUSE = 60


class Command(BaseCommand):
    help = "Deliver what the site left in the outbox, until it is stopped (SIGTERM or Ctrl+C)."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="deliver what is due, then end")

    def handle(self, *args, once, **options):
        if once:
            tried = deliver_pending()
            self.stdout.write(f"{tried} entries tried.")
            return
        self.stopping, self.tick_at = False, time.monotonic()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        self.run()

    def stop(self, *args):
        self.stopping = True

    def run(self):
        pause = POLL_SECONDS
        while not self.stopping:
            if self.deliver_due():
                pause = POLL_SECONDS
                self.rest(POLL_SECONDS)
            else:
                # With Stream out of reach, one entry a pause is enough to see whether it is back.
                self.rest(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    def rest(self, seconds):
        """Sleep in short steps: a signal does not end a sleep early, it only sets `stopping`."""
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            self.tick()
            time.sleep(min(0.5, max(0, until - time.monotonic())))

    def deliver_due(self):
        """Deliver until nothing is due; return False as soon as Stream cannot be reached.

        A database that cannot be reached ends nothing either: the worker outlives its restart.
        """
        try:
            close_old_connections()
            while not self.stopping:
                self.tick()
                entry = claim()
                if entry is None:
                    break
                if deliver(entry) == "postponed":
                    return False
        except Error:
            logger.exception("worker")
            return False
        return True

    def tick(self):
        if time.monotonic() >= self.tick_at:
            self.tick_at = time.monotonic() + TICK_SECONDS
            worker_tick.send_robust(sender=None)

import signal
import threading
import time

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from feeds.delivery import deliver, deliver_pending
from feeds.outbox import claim
from feeds.signals import worker_tick

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
        self.stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        self.run()

    def run(self):
        ticked, rest = 0.0, POLL_SECONDS
        while not self.stopping.is_set():
            if time.monotonic() - ticked >= TICK_SECONDS:
                worker_tick.send(sender=None)
                ticked = time.monotonic()
            reached = self.deliver_due()
            # With Stream out of reach, one entry a pause is enough to see whether it is back.
            rest = POLL_SECONDS if reached else min(LONGEST_PAUSE, rest * 2)
            self.stopping.wait(rest)

    def deliver_due(self):
        """Deliver until nothing is due; return False as soon as Stream cannot be reached."""
        close_old_connections()
        while not self.stopping.is_set():
            entry = claim()
            if entry is None:
                return True
            if not deliver(entry):
                return False
        return True

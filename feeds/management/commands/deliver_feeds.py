import signal
from contextlib import contextmanager

from django.core.management.base import BaseCommand

from feeds.worker import Worker


class Command(BaseCommand):
    help = "Deliver what the site left in the outbox, until it is stopped (SIGTERM or Ctrl+C)."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="deliver what is due, then end")

    def handle(self, *args, once, **options):
        worker = Worker()
        with stopped_by_signals(worker):
            if once:
                worker.deliver_due()
            else:
                worker.run()
        self.stdout.write(f"{worker.tried} entries tried.")


@contextmanager
def stopped_by_signals(worker):
    """Let SIGTERM and Ctrl+C stop `worker`, once it has marked what it has told Stream."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, worker.stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

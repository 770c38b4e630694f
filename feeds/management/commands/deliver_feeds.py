import signal

from django.core.management.base import BaseCommand

from feeds.outbox.worker import Worker
from long_commands import on_signals


class Command(BaseCommand):
    help = "Deliver what the site left in the outbox, until it is stopped (SIGTERM or Ctrl+C)."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="deliver what is due, then end")

    def handle(self, *args, once, **options):
        worker = Worker()
        # It stops once it has recorded what it has sent.
        with on_signals(worker.stop, signal.SIGTERM, signal.SIGINT):
            if once:
                worker.deliver_due()
            else:
                worker.run()
        self.stdout.write(f"{worker.tried} entries tried.")

import sys

from django.core.management.base import BaseCommand, CommandError

from moderation import log
from moderation.models import LogHead, LogRecord


class Command(BaseCommand):
    help = (
        "Check that no record of what staff did was changed, removed or put in. Prints each that "
        "does not fit, and the hash of the last one: noted elsewhere and given with --expect, it "
        "also shows whether the whole log was put back to an older state."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--expect", metavar="HASH", help="the hash that an earlier check printed"
        )

    def handle(self, *args, expect, verbosity, **options):
        self.quiet = not verbosity
        self.total = LogRecord.objects.count()
        problems = 0
        for problem in log.check(self.show_progress):
            problems += 1
            self.stderr.write(f"{problem}.")
        if expect and not LogRecord.objects.filter(hash=expect).exists():
            problems += 1
            self.stderr.write("the record whose hash is expected is missing.")
        if problems:
            summary = f"{problems} problem{'s' if problems > 1 else ''} found"
            raise CommandError(f"{self.total} records were read; {summary}.")
        head = LogHead.objects.filter(pk=1).first()
        self.stdout.write(f"{self.total} records were read; all fit.")
        if head and head.hash:
            self.stdout.write(f"The last one has the hash {head.hash}")

    def show_progress(self, number):
        if (
            self.quiet
            or not sys.stderr.isatty()
            or (number % log.BATCH_SIZE and number != self.total)
        ):
            return
        ended = "\n" if number == self.total else ""
        self.stderr.write(f"\r{number} of {self.total}", ending=ended)

"""Base class of the long commands that read from Stream."""

import time
from contextlib import contextmanager

from django.core.management.base import CommandError

from feeds.stream import api
from feeds.stream.errors import READ_ERRORS
from long_commands import LongCommand

# So many failures in a row mean an outage.
MAX_FAILURES = 5


class StreamCommand(LongCommand):
    """A long command that fails at the end if reads from Stream failed, or early in an outage."""

    failures = 0

    def handle(self, *args, **options):
        with api.retrying(self.wait):
            super().handle(*args, **options)
        if self.counts["failed"]:
            raise CommandError(f"{self.counts['failed']} failed. {self.how_to_go_on()}")

    @contextmanager
    def attempt(self, name):
        """Print and count a failure to read; raise CommandError after too many in a row."""
        try:
            yield
        except READ_ERRORS as error:
            self.counts["failed"] += 1
            self.failures += 1
            self.stderr.write(f"{name}: {type(error).__name__}: {error}")
            if self.failures >= MAX_FAILURES:
                raise CommandError(f"Stream cannot be reached. {self.how_to_go_on()}")
        else:
            self.failures = 0

    def wait(self, seconds):
        self.print(f"Stream asks to wait {seconds:.0f} s.")
        time.sleep(seconds)

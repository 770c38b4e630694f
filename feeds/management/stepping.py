"""Base class of the long commands that read from Stream."""

import time

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

    def attempt(self, name, function):
        """Call `function`; print and count a failure, and raise CommandError after too many."""
        try:
            function()
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

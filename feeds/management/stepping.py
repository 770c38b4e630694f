"""Base class of the long commands: steps, progress, and resuming after a stop."""

import signal
import time
from collections import Counter
from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from stream.exceptions import StreamApiException

from feeds.stream import api
from feeds.stream.errors import NotStreamError

# Errors of a read from Stream: OSError for no connection, ValueError for no JSON, and the last two
# for JSON that is not Stream's.
UNREADABLE = (StreamApiException, NotStreamError, OSError, ValueError, LookupError, TypeError)
# So many failures in a row mean an outage.
MAX_FAILURES = 5
PROGRESS_SECONDS = 30


class SteppedCommand(BaseCommand):
    """A command that goes through rows in the order of their keys, batch by batch.

    `position` names a row, as "app.Model:key": all rows up to it are done, without a failure.
    Subclasses implement `run` and `summary`.
    """

    def handle(self, *args, **options):
        self.counts, self.position, self.failures = Counter(), "", 0
        self.printed_at = time.monotonic()
        self.quiet = not options["verbosity"]
        interruptible = on_signals(signal.default_int_handler, signal.SIGINT, signal.SIGTERM)
        try:
            with interruptible, api.retrying(self.wait):
                self.run(**options)
        except KeyboardInterrupt:
            self.print(f"\nStopped. {self.how_to_go_on()}")
            raise SystemExit(130)
        finally:
            self.print(self.summary())
        if self.counts["failed"]:
            raise CommandError(f"{self.counts['failed']} failed. {self.how_to_go_on()}")

    def how_to_go_on(self):
        return "Start again to go on."

    def attempt(self, name, function):
        """Call `function`; print and count a failure, and raise CommandError after too many."""
        try:
            function()
        except UNREADABLE as error:
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

    def batches(self, model, size, after=None, rows=None):
        """Yield the rows of a model after the key `after` in batches, and print the progress."""
        rows = model._base_manager.order_by("pk") if rows is None else rows
        total, done = rows.count(), 0
        if after is not None:
            done = rows.filter(pk__lte=after).count()
            rows = rows.filter(pk__gt=after)
        batch = list(rows[:size])
        while batch:
            yield batch
            done += len(batch)
            if not self.counts["failed"]:
                self.position = f"{model._meta.label}:{batch[-1].pk}"
            self.print_progress(model, done, total)
            batch = list(rows.filter(pk__gt=batch[-1].pk)[:size])

    def print_progress(self, model, done, total):
        """Print the progress: on a terminal at once, elsewhere a line now and then."""
        progress = f"{model._meta.verbose_name_plural!s:<24} {done} of {total}"
        is_over = done >= total
        if self.stdout.isatty():
            self.print(f"\r{progress}", ending="\n" if is_over else "")
        elif is_over or time.monotonic() - self.printed_at > PROGRESS_SECONDS:
            self.printed_at = time.monotonic()
            self.print(f"{progress}, up to {self.position or 'a failure'}")

    def print(self, text, ending="\n"):
        if not self.quiet:
            self.stdout.write(text, ending=ending)
            self.stdout.flush()


@contextmanager
def on_signals(handler, *numbers):
    """Handle these signals by `handler` until the block ends."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def from_position(models, text):
    """Return pairs of a model and the key to start after (None: at its first row).

    `text` is a position, or empty; raises CommandError if it is invalid.
    """
    starts = [(model, None) for model in models]
    if not text:
        return starts
    label, _, key = text.partition(":")
    try:
        model = apps.get_model(label)
        first, pk = starts.index((model, None)), model._meta.pk.clean(key, None)
    except (LookupError, ValueError, ValidationError):
        names = ", ".join(f"{model._meta.label}:<key>" for model in models)
        raise CommandError(f"'{text}' is no position. Positions are: {names}.")
    return [(model, pk), *starts[first + 1 :]]

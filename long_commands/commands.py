"""Commands that show their progress, and that can be stopped and started again."""

import signal
import time
from collections import Counter
from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from transactions.batches import by_key

PROGRESS_SECONDS = 30
BAR_LENGTH = 30


class LongCommand(BaseCommand):
    """A command that ends with status 130, and without a traceback, on SIGINT or SIGTERM.

    Subclasses implement `run`. What is done must stay done if it is interrupted anywhere.
    `counts` are for a `summary`. `position` names a row, as "app.Model:key": all rows up to it
    are done, without a failure (`counts["failed"]`).
    """

    def handle(self, *args, **options):
        self.counts, self.position = Counter(), ""
        self.printed_at = time.monotonic()
        self.quiet = not options["verbosity"]
        try:
            with on_signals(signal.default_int_handler, signal.SIGINT, signal.SIGTERM):
                self.run(**options)
        except KeyboardInterrupt:
            self.print(f"\nStopped. {self.how_to_go_on()}")
            raise SystemExit(130)
        finally:
            if summary := self.summary():
                self.print(summary)

    def how_to_go_on(self):
        return "Start again to go on."

    def summary(self):
        """Return a line to print at the end, also after a failure or an interruption."""
        return ""

    def batches(self, rows, size, after=None):
        """Yield the rows of a queryset behind the key `after` in batches, and show the progress."""
        total = rows.count()
        done = 0 if after is None else rows.filter(pk__lte=after).count()
        for batch in by_key(rows, size, after=after):
            yield batch
            done += len(batch)
            if not self.counts["failed"]:
                self.position = f"{rows.model._meta.label}:{batch[-1].pk}"
            up_to = f", up to {self.position or 'a failure'}"
            self.show_progress(rows.model._meta.verbose_name_plural, done, total, up_to=up_to)

    def run_batches(self, name, sizes, total):
        """Exhaust `sizes`, which does a batch before it yields its size; return their sum."""
        done = 0
        for size in sizes:
            done += size
            self.show_progress(name, done, total)
        return done

    def show_progress(self, name, done, total, *, up_to=""):
        """Show the progress: a bar on a terminal, elsewhere a line now and then.

        With `up_to` there is also a last line.
        """
        is_over, progress = done >= total, f"{done} of {total}"
        if self.stdout.isatty():
            bar = "#" * (BAR_LENGTH * done // max(total, done))
            text = f"\r{name!s:<24} [{bar:<{BAR_LENGTH}}] {progress}"
            self.print(text, ending="\n" if is_over else "")
        elif (is_over and up_to) or time.monotonic() - self.printed_at > PROGRESS_SECONDS:
            self.printed_at = time.monotonic()
            self.print(f"{name!s:<24} {progress}{up_to}")

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

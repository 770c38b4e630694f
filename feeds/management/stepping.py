"""What the long commands about feeds have in common: steps, progress, and going on after a stop."""

import signal
import time
from collections import Counter
from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from stream.exceptions import StreamApiException

from feeds import asking
from feeds.answers import NotStreamError

# What may come instead of Stream's answer: no connection is an OSError, no JSON a ValueError, and
# JSON of somebody else's lacks what is looked up.
UNREADABLE = (StreamApiException, NotStreamError, OSError, ValueError, LookupError, TypeError)
# So many failures in a row are an outage, and nothing to go on with.
MOST_FAILURES = 5
TELL_SECONDS = 30


class SteppedCommand(BaseCommand):
    """A command that goes through rows in the order of their keys, batch by batch.

    `position` names a row, as "app.Model:key": all is done up to it, without a failure.
    """

    def handle(self, *args, **options):
        self.counts, self.position, self.failures = Counter(), "", 0
        self.told_at = time.monotonic()
        self.quiet = not options["verbosity"]
        interrupted = on_signals(signal.default_int_handler, signal.SIGINT, signal.SIGTERM)
        try:
            with interrupted, asking.patiently(self.wait):
                self.work(**options)
        except KeyboardInterrupt:
            self.say(f"\nStopped. {self.how_to_go_on()}")
            raise SystemExit(130)
        finally:
            self.say(self.summary())
        if self.counts["failed"]:
            raise CommandError(f"{self.counts['failed']} failed. {self.how_to_go_on()}")

    def how_to_go_on(self):
        return "Start again to go on."

    def attempt(self, what, function):
        """Call `function`; what cannot be read or written is counted and named, up to a point."""
        try:
            function()
        except UNREADABLE as error:
            self.counts["failed"] += 1
            self.failures += 1
            self.stderr.write(f"{what}: {type(error).__name__}: {error}")
            if self.failures >= MOST_FAILURES:
                raise CommandError(f"Stream cannot be reached. {self.how_to_go_on()}")
        else:
            self.failures = 0

    def wait(self, seconds):
        self.say(f"Stream asks to wait {seconds:.0f} s.")
        time.sleep(seconds)

    def batches(self, model, size, after=None, rows=None):
        """Yield the rows of a model behind the key `after`, and show how far that is."""
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
            self.show_progress(model, done, total)
            batch = list(rows.filter(pk__gt=batch[-1].pk)[:size])

    def show_progress(self, model, done, total):
        """Tell how far that is: on a terminal at once, elsewhere by a line now and then."""
        told = f"{model._meta.verbose_name_plural!s:<24} {done} of {total}"
        is_over = done >= total
        if self.stdout.isatty():
            self.say(f"\r{told}", ending="\n" if is_over else "")
        elif is_over or time.monotonic() - self.told_at > TELL_SECONDS:
            self.told_at = time.monotonic()
            self.say(f"{told}, up to {self.position or 'a failure'}")

    def say(self, text, ending="\n"):
        if not self.quiet:
            self.stdout.write(text, ending=ending)
            self.stdout.flush()


@contextmanager
def on_signals(handler, *numbers):
    """Let `handler` answer these signals until the block ends."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def parse_position(text, models):
    """Return the model and key that a position names; raise CommandError if it is none."""
    label, _, key = text.partition(":")
    try:
        model = apps.get_model(label)
        pk = model._meta.pk.clean(key, None)
    except (LookupError, ValueError, ValidationError):
        model = None
    if model not in models:
        names = ", ".join(f"{one._meta.label}:<key>" for one in models)
        raise CommandError(f"'{text}' is no position. Positions are: {names}.")
    return model, pk


def from_position(models, text):
    """Return pairs of a model and the key to begin behind (None: at its first row)."""
    models = list(models)
    if not text:
        return [(model, None) for model in models]
    begun, pk = parse_position(text, models)
    later = models[models.index(begun) + 1 :]
    return [(begun, pk), *((model, None) for model in later)]

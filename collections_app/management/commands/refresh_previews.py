from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from collections_app.backfill import fetch_pictures, links_without_pictures


class Command(BaseCommand):
    help = (
        "Look for pictures of links that were added before there were any. "
        "Can be stopped at any time and started again: it goes on where it was."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only count the links")
        parser.add_argument(
            "--again", action="store_true", help="also look where none was found before"
        )
        parser.add_argument(
            "--delay", type=float, default=2, help="seconds between two pages of a host (2)"
        )

    def handle(self, *args, dry_run, again, delay, verbosity, **options):
        if not settings.LINK_PREVIEWS:
            raise CommandError("LINK_PREVIEWS is off: nothing is fetched from foreign sites.")
        self.quiet = not verbosity
        links = links_without_pictures(again=again)
        total = links.count()
        if not total:
            self.say("Nothing to do: a picture was looked for wherever there is none.")
        elif dry_run:
            self.say(f"A picture would be looked for on {total} pages. Nothing was changed.")
        else:
            self.fill(links, total, delay)

    def fill(self, links, total, delay):
        found = skipped = 0
        for number, has_picture in enumerate(fetch_pictures(links, delay=delay), start=1):
            found += has_picture is True
            skipped += has_picture is None
            self.show_progress(number, max(total, number), found)
        self.say(f"{found} of {total} links got a picture.")
        if skipped:
            self.say(f"{skipped} could not be looked at: run this again when the network is well.")

    def show_progress(self, number, total, found):
        if self.quiet or not self.stdout.isatty():
            return
        bar = f"{'#' * (30 * number // total):<30}"
        ended = "\n" if number == total else ""
        self.stdout.write(f"\r[{bar}] {number} of {total}, {found} pictures", ending=ended)
        self.stdout.flush()

    def say(self, text):
        if not self.quiet:
            self.stdout.write(text)

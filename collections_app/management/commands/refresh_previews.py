from django.conf import settings
from django.core.management.base import CommandError

from collections_app.backfill import fetch_pictures, links_without_pictures
from long_commands import LongCommand


class Command(LongCommand):
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

    def run(self, *, dry_run, again, delay, **options):
        if not settings.LINK_PREVIEWS:
            raise CommandError("LINK_PREVIEWS is off: nothing is fetched from foreign sites.")
        links = links_without_pictures(again=again)
        total = links.count()
        if not total:
            self.print("Nothing to do: a picture was looked for wherever there is none.")
        elif dry_run:
            self.print(f"A picture would be looked for on {total} pages. Nothing was changed.")
        else:
            self.fill(links, total, delay)

    def fill(self, links, total, delay):
        found = skipped = 0
        for number, has_picture in enumerate(fetch_pictures(links, delay=delay), start=1):
            found += has_picture is True
            skipped += has_picture is None
            self.show_progress("pages", number, total)
        self.print(f"{found} of {total} links got a picture.")
        if skipped:
            self.print(
                f"{skipped} could not be looked at: run this again when the network is well."
            )

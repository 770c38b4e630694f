from django.core.management.base import BaseCommand

from follows.backfill import COLLECTIONS, PEOPLE


class Command(BaseCommand):
    help = (
        "Let everyone follow themselves and their own collections, where that is missing. "
        "Can be stopped at any time and started again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only count label is missing")

    def handle(self, *args, dry_run, verbosity, **options):
        self.quiet = not verbosity
        missing = {
            "people": (PEOPLE, PEOPLE.missing().count()),
            "collections": (COLLECTIONS, COLLECTIONS.missing().count()),
        }
        if not any(count for _backfill, count in missing.values()):
            self.say("Nothing to do: everyone follows themselves and their own collections.")
            return
        if dry_run:
            counts = " and ".join(f"{count} {label}" for label, (_, count) in missing.items())
            self.say(f"{counts} would get a self-follow. Nothing was changed.")
            return
        made = [self.fill(label, *backfill) for label, backfill in missing.items()]
        self.say(f"{made[0]} people and {made[1]} collections got a self-follow.")

    def fill(self, label, backfill, total):
        made = 0
        for number in backfill.batches():
            made += number
            self.show_progress(label, made, total)
        return made

    def show_progress(self, label, made, total):
        if self.quiet or not self.stdout.isatty():
            return
        filled = 30 * made // max(total, made)
        ending = "\n" if made >= total else ""
        bar = f"{'#' * filled:<30}"
        self.stdout.write(f"\r{label:<12} [{bar}] {made} of {total}", ending=ending)
        self.stdout.flush()

    def say(self, text):
        if not self.quiet:
            self.stdout.write(text)

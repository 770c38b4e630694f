from follows.backfill import COLLECTIONS, PEOPLE
from long_commands import LongCommand


class Command(LongCommand):
    help = (
        "Let everyone follow themselves and their own collections, where that is missing. "
        "Can be stopped at any time and started again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only count what is missing")

    def run(self, *, dry_run, **options):
        missing = {
            "people": (PEOPLE, PEOPLE.missing().count()),
            "collections": (COLLECTIONS, COLLECTIONS.missing().count()),
        }
        if not any(count for _backfill, count in missing.values()):
            self.print("Nothing to do: everyone follows themselves and their own collections.")
            return
        if dry_run:
            counts = " and ".join(f"{count} {label}" for label, (_, count) in missing.items())
            self.print(f"{counts} would get a self-follow. Nothing was changed.")
            return
        made = [
            self.run_batches(label, backfill.batches(), total)
            for label, (backfill, total) in missing.items()
        ]
        self.print(f"{made[0]} people and {made[1]} collections got a self-follow.")

from django.core.management.base import CommandError
from django.utils import timezone

from feeds import feed_mapping
from feeds.doctor import comparison
from feeds.doctor.aggregated import compare_aggregated
from feeds.doctor.repair import repair
from feeds.feed_mapping import FeedName
from feeds.management.stream_command import StreamCommand
from feeds.outbox.entries import backlog
from long_commands import from_position
from transactions import in_batches

BATCH = 100


class Command(StreamCommand):
    help = (
        "Compare the database with the feeds (activities, follows, users, objects) and print every "
        "difference. Changes nothing unless told to, and can be stopped and started again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--repair", action="store_true", help="mend the differences, through the outbox"
        )
        parser.add_argument(
            "--start-at", default="", metavar="MODEL:KEY", help="go on behind this row"
        )

    def run(self, *, repair, start_at, **options):
        self.repair, self.position = repair, start_at
        if pending := backlog()["pending"]:
            self.print(f"{pending} entries wait in the outbox: what they are about is left out.")
        owners = feed_mapping.owned_groups()
        self.following_groups = feed_mapping.following_groups()
        for model, after in from_position(owners, start_at):
            for rows in self.batches(model._base_manager.all(), BATCH, after):
                self.check_rows(model, owners[model], rows)
        if self.counts["different"] and not (repair or self.counts["failed"]):
            raise CommandError("There are differences; --repair mends them.")

    def check_rows(self, model, groups, rows):
        for kind in ("user", "object"):
            if hasattr(model, f"stream_{kind}_data"):
                name = f"{model._meta.label} {kind}s"
                self.compare(name, rows[0], comparison.compare_records, kind, rows)
        for row in rows:
            for group in groups:
                follows, feed = group in self.following_groups, FeedName(group, row.pk)
                compare = compare_aggregated if follows else comparison.compare_feed
                self.compare(str(feed), row, compare, feed)

    def compare(self, name, owner, compare, *arguments):
        """Print differences, and repair them, in batches: a feed may lack all its activities."""
        self.counts["read"] += 1
        since, own_entries = timezone.now(), set()
        with self.attempt(name):
            for batch in in_batches(compare(*arguments), BATCH):
                differences = comparison.without_pending(batch, since, own_entries)
                self.counts["waiting"] += len(batch) - len(differences)
                self.counts["different"] += len(differences)
                for difference in differences:
                    self.stdout.write(f"{difference.where}: {difference.text}")
                if self.repair:
                    own_entries |= repair(differences, owner)
                    self.counts["changed"] += len(differences)

    def how_to_go_on(self):
        return f"Go on with --start-at {self.position}." if self.position else "Start again."

    def summary(self):
        counts = self.counts
        return (
            f"{counts['read']} read, {counts['different']} differences, "
            f"{counts['changed']} mended, {counts['waiting']} left out because the outbox waits, "
            f"{counts['failed']} failed."
        )

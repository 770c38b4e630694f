from django.core.management.base import CommandError
from django.utils import timezone

from feeds import declared
from feeds.declared import FeedName
from feeds.doctor.aggregated import compare_aggregated
from feeds.doctor.comparison import (
    compare_feed,
    compare_objects,
    compare_users,
    in_batches,
    without_pending,
)
from feeds.doctor.repair import repair
from feeds.management.stepping import SteppedCommand, from_position
from feeds.outbox.entries import backlog

BATCH = 100


class Command(SteppedCommand):
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
        owners = declared.owners()
        self.following_groups = declared.collecting_groups()
        for model, after in from_position(owners, start_at):
            for rows in self.batches(model, BATCH, after):
                self.check_rows(model, owners[model], rows)
        if self.counts["different"] and not (repair or self.counts["failed"]):
            raise CommandError("There are differences; --repair mends them.")

    def check_rows(self, model, groups, rows):
        if hasattr(model, "stream_user_data"):
            self.check(f"{model._meta.label} users", rows[0], compare_users, rows)
        if hasattr(model, "stream_object_data"):
            self.check(f"{model._meta.label} objects", rows[0], compare_objects, rows)
        for row in rows:
            for group in groups:
                compare = compare_aggregated if group in self.following_groups else compare_feed
                feed = FeedName(group, row.pk)
                self.check(str(feed), row, compare, feed)

    def check(self, name, owner, compare, argument):
        """Print differences, and repair them, in batches: a feed may lack all its activities."""

        def attempt():
            since, own_entries = timezone.now(), set()
            for batch in in_batches(compare(argument)):
                differences = without_pending(batch, since, own_entries)
                self.counts["waiting"] += len(batch) - len(differences)
                self.counts["different"] += len(differences)
                for difference in differences:
                    self.stdout.write(str(difference))
                if self.repair:
                    own_entries |= repair(differences, owner)
                    self.counts["changed"] += len(differences)

        self.counts["read"] += 1
        self.attempt(name, attempt)

    def how_to_go_on(self):
        return f"Go on with --start-at {self.position}." if self.position else "Start again."

    def summary(self):
        counts = self.counts
        return (
            f"{counts['read']} read, {counts['different']} differences, "
            f"{counts['changed']} mended, {counts['waiting']} left out because the outbox waits, "
            f"{counts['failed']} failed."
        )

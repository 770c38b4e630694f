from django.core.management.base import CommandError
from django.utils import timezone

from feeds import feed_mapping
from feeds.comparing import compare_feed, compare_objects, compare_users, in_batches
from feeds.differences import settled
from feeds.feed_mapping import FeedName
from feeds.management.stepping import SteppedCommand, from_position
from feeds.mending import mend
from feeds.outbox import backlog, noted
from feeds.readings import compare_collecting

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

    def work(self, *, repair, start_at, **options):
        self.repair, self.position = repair, start_at
        waiting = backlog()["pending"]
        if waiting:
            self.say(f"{waiting} entries wait in the outbox: what they are about is left out.")
        owners = feed_mapping.owned_groups()
        self.collecting = feed_mapping.following_groups()
        for model, after in from_position(owners, start_at):
            for rows in self.batches(model, BATCH, after):
                self.check_rows(model, owners[model], rows)
        if self.counts["different"] and not (repair or self.counts["failed"]):
            raise CommandError("There are differences; --repair mends them.")

    def check_rows(self, model, groups, rows):
        if hasattr(model, "stream_user_data"):
            self.compare(f"{model._meta.label} users", rows[0], lambda: compare_users(rows))
        if hasattr(model, "stream_object_data"):
            self.compare(f"{model._meta.label} objects", rows[0], lambda: compare_objects(rows))
        for row in rows:
            for group in groups:
                self.check_feed(FeedName(group, row.pk), row)

    def check_feed(self, feed, owner):
        compare_one = compare_collecting if feed.group in self.collecting else compare_feed
        self.compare(str(feed), owner, lambda: compare_one(feed))

    def compare(self, what, owner, differences):
        """Print what differs, and mend it, batch by batch: a feed may lack all it should have."""

        def attempt():
            since = timezone.now()
            with noted() as own:
                for some in in_batches(differences()):
                    standing = settled(some, since, own)
                    self.counts["waiting"] += len(some) - len(standing)
                    self.tell(standing)
                    if self.repair:
                        self.counts["changed"] += mend(standing, owner)

        self.counts["read"] += 1
        self.attempt(what, attempt)

    def tell(self, differences):
        self.counts["different"] += len(differences)
        for difference in differences:
            self.stdout.write(str(difference))

    def how_to_go_on(self):
        return f"Go on with --start-at {self.position}." if self.position else "Start again."

    def summary(self):
        counts = self.counts
        return (
            f"{counts['read']} read, {counts['different']} differences, "
            f"{counts['changed']} mended, {counts['waiting']} left out because the outbox waits, "
            f"{counts['failed']} failed."
        )

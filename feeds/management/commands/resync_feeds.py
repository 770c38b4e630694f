from django.core.management import call_command
from django.utils import timezone

from feeds import outbox, resyncing
from feeds.management.stepping import SteppedCommand

BATCH = 500


class Command(SteppedCommand):
    help = (
        "Publish everything from scratch: people, collections, activities and follows. This is how "
        "a site moves to hosted Stream. Can be stopped at any time; started again, it goes on."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--restart", action="store_true", help="begin anew, though an earlier run was stopped"
        )

        parser.add_argument(
            "--drop-elsewhere",
            action="store_true",
            help="then drop what was written before for other destinations and never delivered "
            "there; nothing is published again where all is already",
        )

    def work(self, *, restart, drop_elsewhere, **options):
        if restart or not (drop_elsewhere and resyncing.finished_at()):
            self.publish(restart=restart)
        if drop_elsewhere:
            dropped = outbox.drop_elsewhere(resyncing.finished_at())
            self.say(f"{dropped} entries for other destinations dropped.")

    def publish(self, *, restart):
        call_command("check_stream", stdout=self.stdout, stderr=self.stderr)
        resync, stages = resyncing.begin(restart=restart), resyncing.stages()
        names = [stage.name for stage in stages]
        begun = names.index(resync.stage) if resync.stage in names else 0
        for stage in stages[begun:]:
            after = resync.position if stage.name == resync.stage else None
            for rows in self.batches(stage.model, BATCH, after, rows=resyncing.rows_of(stage)):
                self.counts["read"] += len(rows)
                self.counts["changed"] += resyncing.publish(resync, stage, rows)
        resync.finished_at = timezone.now()
        resync.save()

    def summary(self):
        counts = self.counts
        return (
            f"{counts['read']} rows read, {counts['changed']} entries queued, "
            f"{counts['failed']} failed. `manage.py deliver_feeds` delivers what is queued."
        )

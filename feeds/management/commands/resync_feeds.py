from django.core.management import call_command
from django.utils import timezone

from feeds.doctor import resync
from feeds.management.stream_command import StreamCommand
from feeds.outbox import entries

BATCH = 500


class Command(StreamCommand):
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

    def run(self, *, restart, drop_elsewhere, **options):
        if restart or not (drop_elsewhere and resync.finished_at()):
            self.publish(restart=restart)
        if drop_elsewhere:
            dropped = entries.drop_elsewhere(resync.finished_at())
            self.print(f"{dropped} entries for other destinations dropped.")

    def publish(self, *, restart):
        call_command("check_stream", stdout=self.stdout, stderr=self.stderr)
        progress, stages = resync.begin(restart=restart), resync.stages()
        names = [stage.name for stage in stages]
        current = names.index(progress.stage) if progress.stage in names else 0
        for stage in stages[current:]:
            after = progress.position if stage.name == progress.stage else None
            for rows in self.batches(stage.rows, BATCH, after):
                self.counts["read"] += len(rows)
                self.counts["changed"] += resync.publish(progress, stage, rows)
        progress.finished_at = timezone.now()
        progress.save()

    def summary(self):
        counts = self.counts
        return (
            f"{counts['read']} rows read, {counts['changed']} entries queued, "
            f"{counts['failed']} failed. `manage.py deliver_feeds` delivers what is queued."
        )

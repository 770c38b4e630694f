from django.core.management.base import BaseCommand, CommandError
from django.utils.text import capfirst

from feeds.doctor.probe import probe_all
from feeds.management.stepping import UNREADABLE

ADVICE = """\
  Enter in Stream's dashboard, under "Feed Groups":
    Name: {group.slug}
    Type: {group.type}"""


class Command(BaseCommand):
    help = (
        "Try the feed groups on Stream with the real credentials: which are there, which are "
        "missing or of another type, and what to enter in Stream's dashboard for these."
    )

    def handle(self, *args, **options):
        findings = []
        try:
            for finding in probe_all():
                findings.append(finding)
                self.print(finding)
        except UNREADABLE as error:
            reason = capfirst(str(error)) or type(error).__name__
            raise CommandError(f"Stream cannot be asked. {reason}")
        finally:
            wrong = sum(not finding.is_right for finding in findings)
            self.stdout.write(f"{len(findings)} groups read, {wrong} missing or wrong.")
        if wrong:
            raise CommandError("Stream is not set up yet: docs/hosted-stream.md tells how.")

    def print(self, finding):
        self.stdout.write(f"{finding.group.slug}: {finding.group.type} {finding}.")
        if not finding.is_right:
            self.print_advice(finding.group)
        self.stdout.flush()

    def print_advice(self, group):
        self.stdout.write(ADVICE.format(group=group))
        if group.aggregates:
            self.stdout.write(f"    Aggregation format: {group.format}")

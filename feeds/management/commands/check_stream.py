from django.core.management.base import BaseCommand, CommandError
from django.utils.text import capfirst

from feeds.management.stepping import UNREADABLE
from feeds.stream.groups import configured_groups
from feeds.stream.probe import find_problem

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
        problems = []
        try:
            for group in configured_groups().values():
                problems.append(find_problem(group))
                self.print_result(group, problems[-1])
        except UNREADABLE as error:
            reason = capfirst(str(error)) or type(error).__name__
            raise CommandError(f"Stream cannot be asked. {reason}")
        finally:
            wrong = sum(map(bool, problems))
            self.stdout.write(f"{len(problems)} groups read, {wrong} missing or wrong.")
        if wrong:
            raise CommandError("Stream is not set up yet: docs/hosted-stream.md tells how.")

    def print_result(self, group, problem):
        self.stdout.write(f"{group.slug}: {group.type} {problem or 'is there'}.")
        if problem:
            self.stdout.write(ADVICE.format(group=group))
            if group.aggregates:
                self.stdout.write(f"    Aggregation format: {group.format}")
        self.stdout.flush()

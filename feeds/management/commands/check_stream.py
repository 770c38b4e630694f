import uuid
from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import capfirst
from stream.exceptions import FeedConfigException
from stream_django.feed_manager import feed_manager

from feeds.stream import api
from feeds.stream.errors import READ_ERRORS, check_answer, ignore_missing
from feeds.stream.groups import configured_groups

# A feed in each group that belongs to nobody; the activity added to it is removed again.
FEED_ID = "check_stream"
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
        except READ_ERRORS as error:
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


def find_problem(group):
    """Return what is wrong with a feed group on Stream, "" if nothing is.

    It takes one activity: an empty feed does not show its type. Raises the errors of calls.
    """
    path = f"feed/{group.slug}/{FEED_ID}/"
    try:
        api.get(path, limit=1)
    except FeedConfigException:
        return "is missing"
    feed = feed_manager.get_feed(group.slug, FEED_ID)
    activity = {
        "actor": f"SU:{FEED_ID}",
        "verb": "check",
        "object": f"SO:check:{FEED_ID}",
        "foreign_id": f"{FEED_ID}:{uuid.uuid4()}",
        "time": datetime.now(UTC),
    }
    added = check_answer(feed.add_activity(activity))
    try:
        answer = api.get(path, limit=1)
    finally:
        with ignore_missing():
            check_answer(feed.remove_activity(added["id"]))
    return _examine(group, answer, {**activity, "id": added["id"]})


def _examine(group, answer, activity):
    (result,) = answer["results"]
    actual = "notification" if "unseen" in answer else "aggregated"
    actual = actual if "activities" in result else "flat"
    if actual != group.type:
        return f"is there, but {actual} instead of {group.type}"
    name = group.name_for({**activity, "time": activity["time"].isoformat()})
    if name not in (None, result.get("group")):
        return "is there, with another aggregation format"
    return ""

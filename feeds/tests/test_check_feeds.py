import signal
import time
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from stream_django.client import stream_client

from accounts.tests.factories import UserFactory
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.stream.api import MAX_RETRIES

pytestmark = pytest.mark.django_db

RIGHT = "0 differences, 0 mended, 0 left out because the outbox waits, 0 failed."


@pytest.fixture
def check(capsys):
    """Return a function that runs the command and returns what it printed, and its error."""

    def run(**options):
        error = None
        try:
            call_command("check_feeds", **options)
        except CommandError as raised:
            error = str(raised)
        return capsys.readouterr().out, error

    return run


@pytest.fixture
def link(deliver):
    link = ContentFactory(title="1999-12-31")
    deliver()
    return link


def take_away(link):
    feed = stream_client.feed("collection", str(link.collection_id))
    feed.remove_activity(foreign_id=link.activity_foreign_id)


def test_correct_feeds_have_no_differences(link, check):
    printed, error = check()
    assert error is None
    assert RIGHT in printed


def test_missing_activity_fails_command(link, check):
    take_away(link)
    before = OutboxEntry.objects.count()
    printed, error = check()
    for feed in (f"collection:{link.collection_id}", f"links:{link.collection.author_id}"):
        assert f"{feed}: {link.activity_foreign_id} is missing" in printed
    assert "--repair" in error
    assert OutboxEntry.objects.count() == before


def test_missing_activity_is_repaired_by_outbox(link, check, deliver):
    take_away(link)
    printed, error = check(repair=True)
    assert error is None
    assert "1 mended, 1 left out" in printed  # the same entry mends the other feed
    assert OutboxEntry.objects.latest("id").operation == "add"
    deliver()
    assert RIGHT in check()[0]


@pytest.mark.slow
def test_many_missing_activities_are_repaired(check, deliver):
    collection = CollectionFactory()
    ContentFactory.create_batch(120, collection=collection)
    deliver()
    for link in collection.contents.all():
        take_away(link)
    assert "120 mended" in check(repair=True)[0]
    deliver()
    assert RIGHT in check()[0]


def test_pending_entry_is_no_difference(link, check):
    ContentFactory(collection=link.collection)
    printed, error = check()
    assert error is None
    assert "1 entries wait" in printed
    assert "0 differences" in printed
    assert "0 left out" not in printed


def test_other_destinations_hide_nothing(link, check):
    ContentFactory(collection=link.collection)
    OutboxEntry.objects.filter(state="pending").update(destination="elsewhere")
    printed = check()[0]
    assert "is missing" in printed
    assert "wait in the outbox" not in printed


def test_failed_entry_is_a_difference(link, check):
    ContentFactory(collection=link.collection)
    OutboxEntry.objects.filter(state="pending").update(state="failed")
    assert "is missing" in check()[0]


@pytest.mark.slow
@pytest.mark.parametrize("same_moment", [True, False])
def test_long_feed_is_compared_completely(same_moment, check, deliver):
    collection, begun = CollectionFactory(), timezone.now()
    for number in range(230):
        moment = begun if same_moment and number > 50 else begun + timedelta(seconds=number)
        ContentFactory(collection=collection, created_at=moment)
    deliver()
    assert RIGHT in check()[0]
    link = Content.objects.order_by("created_at", "pk")[3]
    take_away(link)
    assert f"{link.activity_foreign_id} is missing" in check()[0]


@pytest.fixture
def number_of_queries(check):
    """Return a function that counts the queries of a check: each read takes some."""

    def count():
        with CaptureQueriesContext(connection) as queries:
            check()
        return len(queries)

    return count


def test_check_queries_do_not_grow_with_links(link, number_of_queries, deliver):
    few = number_of_queries()
    for number in range(40):
        moment = timezone.now() - timedelta(days=1, seconds=number)
        ContentFactory(collection=link.collection, created_at=moment)
    deliver()
    assert number_of_queries() <= few + 2


@pytest.mark.slow
def test_missing_activities_are_read_in_batches(link, number_of_queries, deliver):
    take_away(link)
    few = number_of_queries()
    for lost in ContentFactory.create_batch(40, collection=link.collection):
        deliver()
        take_away(lost)
    assert number_of_queries() <= few + 2


def test_progress_is_printed_without_terminal(link, check):
    people, collections, _counts = check()[0].splitlines()
    assert people.endswith(f"1 of 1, up to accounts.User:{link.collection.author_id}")
    assert collections.endswith(f"up to collections_app.Collection:{link.collection_id}")


def test_start_at_skips_rows(link, check):
    take_away(link)
    author = link.collection.author
    printed = check(start_at=f"accounts.User:{author.pk}")[0]
    assert "collection:" in printed
    assert "links:" not in printed


@pytest.mark.parametrize("position", ["accounts.User:x", "accounts.Group:1", "no.Such:1", "User"])
def test_invalid_position_is_refused(position, check):
    assert "Positions are: accounts.User:<key>" in check(start_at=position)[1]


def test_unreachable_stream_ends_check(link, check, broken_stream):
    UserFactory.create_batch(2)
    printed, error = check()
    assert error.startswith("Stream cannot be reached.")
    assert "5 failed" in printed


def lose_connection():
    raise ConnectionError("for a moment")


def test_unreadable_feed_is_skipped(link, check, interrupt):
    take_away(link)
    interrupt(f"feed/links/{link.collection.author_id}/", lose_connection)
    printed, error = check()
    assert f"collection:{link.collection_id}" in printed
    assert "1 failed" in printed
    assert error == "1 failed. Start again."


def test_position_stays_before_first_failure(link, check, interrupt):
    CollectionFactory()
    interrupt(f"feed/collection/{link.collection_id}/", lose_connection)
    last = get_user_model().objects.latest("pk").pk
    assert check()[1] == f"1 failed. Go on with --start-at accounts.User:{last}."


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "20"}, 20), ({}, 60)], ids=["told", "untold"]
)
def test_busy_stream_is_retried(headers, seconds, link, check, faulty_stream, waits):
    busy = b'{"exception": "RateLimitReached", "detail": "slow", "code": 9, "duration": "1ms"}'
    mend = faulty_stream(429, busy, headers)
    waits.ends = {8: mend}
    printed, error = check()
    assert error is None
    assert waits == [seconds] * 8
    assert f"Stream asks to wait {seconds} s." in printed
    assert RIGHT in printed


def test_busy_stream_ends_retries(link, check, faulty_stream, waits):
    faulty_stream(429, b"", {"Retry-After": "20"})
    error = check(start_at=f"accounts.User:{link.collection.author_id}")[1]
    assert "2 failed" in error
    assert len(waits) == 2 * MAX_RETRIES


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_prints_counts_and_position(number, link, capsys, interrupt):
    before = signal.getsignal(number)
    interrupt(f"feed/collection/{link.collection_id}/", lambda: signal.raise_signal(number))
    with pytest.raises(SystemExit):
        call_command("check_feeds")
    assert signal.getsignal(number) is before
    printed = capsys.readouterr().out
    assert "Stopped." in printed
    assert "0 differences, 0 mended" in printed
    position = f"accounts.User:{link.collection.author_id}"
    assert f"--start-at {position}" in printed


class Waits(list):
    """The seconds of each wait, without waiting; `ends` are called after so many waits."""

    ends = {}

    def append(self, seconds):
        super().append(seconds)
        self.ends.get(len(self), int)()


@pytest.fixture
def waits(monkeypatch):
    waits = Waits()
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits

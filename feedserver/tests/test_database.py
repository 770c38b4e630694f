"""Concurrent writes, and the retry of transactions that a deadlock ended."""

import random
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from feedserver.database import atomically, lock_feeds
from feedserver.feed_ids import FeedId
from feedserver.models import Feed, FeedEntry
from feedserver.tests.test_aggregated import at, check_counts
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)

MOMENT = "2026-01-02T03:04:05"


def objects(feed):
    return [row["object"] for row in feed.get(limit=100)["results"]]


def follow(follower, followed):
    follower.follow(followed.slug, followed.user_id)


@pytest.fixture
def on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time.")


@pytest.mark.slow
def test_adding_and_following_at_once(feed, make):
    user, follower = feed(), feed("timeline")
    run_at_once(
        [lambda number=number: user.add_activity(make(number)) for number in range(6)]
        + [lambda: follow(follower, user)]
    )
    assert sorted(objects(follower)) == sorted(objects(user)) == [f"thing:{n}" for n in range(6)]


@pytest.mark.slow
def test_adding_and_unfollowing_at_once(feed, make):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    run_at_once(
        [lambda number=number: user.add_activity(make(number)) for number in range(6)]
        + [lambda: follower.unfollow(user.slug, user.user_id)]
    )
    assert objects(follower) == []
    assert len(objects(user)) == 6


@pytest.mark.slow
def test_same_activity_added_at_once(feed, make):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    sent = make(foreign_id="a:1", time=MOMENT)
    run_at_once([lambda: user.add_activity(sent)] * 6)
    assert objects(user) == objects(follower) == ["thing:1"]
    assert FeedEntry.objects.count() == 2


@pytest.mark.slow
def test_same_activity_with_targets_added_at_once(feed, make):
    holders, addressed = [feed() for _ in range(4)], [feed() for _ in range(4)]
    sent = make(foreign_id="a:1", time=MOMENT)
    run_at_once(
        [
            lambda holder=holder, to=to: holder.add_activity({**sent, "to": [to.id]})
            for holder, to in zip(holders, addressed, strict=True)
        ]
    )
    (read,) = holders[0].get()["results"]
    assert set(read["to"]) == {to.id for to in addressed}


@pytest.mark.slow
def test_adding_to_same_feeds_at_once(feed, make):
    first, second, follower = feed(), feed(), feed("timeline")
    follow(follower, first)
    follow(follower, second)
    run_at_once(
        [lambda n=n: first.add_activity(make(n, to=[second.id])) for n in range(4)]
        + [lambda n=n: second.add_activity(make(n, to=[first.id])) for n in range(4, 8)]
    )
    expected = [f"thing:{number}" for number in range(8)]
    assert [sorted(objects(row)) for row in (first, second, follower)] == [expected] * 3


@pytest.mark.slow
def test_adding_and_removing_at_once(feed, make):
    user, other, follower = feed(), feed(), feed("timeline")
    follow(follower, user)
    sent = make(foreign_id="a:1", time=MOMENT)
    user.add_activity(sent)
    run_at_once(
        [lambda: user.remove_activity(foreign_id="a:1"), lambda: other.add_activity(sent)] * 3
    )
    assert objects(other) == ["thing:1"]
    assert objects(user) == objects(follower) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_group_counts_exact_under_concurrent_writes(feed, make, seed):
    users, readers = [feed() for _ in range(3)], [feed("aggregated"), feed("by_actor"), feed("own")]
    for reader in readers:
        follow(reader, users[0])

    def act(number):
        rng = random.Random(seed * 100 + number)
        user, reader, minute = rng.choice(users), rng.choice(readers), rng.randrange(6)
        sent = make(minute, **at(minute, actor=rng.choice(["ana", "ben"])))
        choices = [
            lambda: user.add_activity({**sent, "to": [rng.choice(users).id, reader.id]}),
            lambda: user.add_activity(sent),
            lambda: user.remove_activity(foreign_id=f"a:{minute}"),
            lambda: follow(reader, user),
            lambda: reader.unfollow(user.slug, user.user_id),
        ]
        for _ in range(4):
            rng.choice(choices)()

    run_at_once([lambda number=number: act(number) for number in range(8)])
    check_counts()


@pytest.mark.slow
def test_group_count_after_two_removals_at_once(feed, make):
    first, second, reader = feed(), feed(), feed("aggregated")
    follow(reader, first)
    follow(reader, second)
    for minute in range(2):
        for user in (first, second):
            user.add_activity(make(minute, **at(minute)))
    unfollowed = threading.Event()

    def unfollow():
        with transaction.atomic():
            reader.unfollow(second.slug, second.user_id)
            unfollowed.set()
            time.sleep(0.3)  # without a lock the other thread reads the state before this commit

    def remove():
        unfollowed.wait(10)
        first.remove_activity(foreign_id="a:1")

    run_at_once([unfollow, remove])
    check_counts()
    assert [row["activity_count"] for row in reader.get()["results"]] == [1]


@pytest.mark.slow
def test_follow_each_other_at_once(stream, feed):
    feeds = [feed() for _ in range(4)]
    pairs = [
        {"source": first.id, "target": second.id}
        for first in feeds
        for second in feeds
        if first is not second
    ]
    run_at_once(
        [lambda: stream.follow_many(pairs), lambda: stream.follow_many(pairs[::-1])]
        + [lambda row=row: stream.unfollow_many(pairs[::row]) for row in (1, -1)]
    )
    stream.follow_many(pairs)
    assert all(len(row.following()["results"]) == 3 for row in feeds)


def test_fan_out_does_not_wait_for_locked_follower(on_postgresql, feed, make):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    with transaction.atomic():
        lock_feeds([FeedId(follower.slug, follower.user_id)])
        run_at_once([lambda: user.add_activity(make())])
    assert objects(follower) == ["thing:1"]


class Deadlock(OperationalError):
    """The error that Django raises when PostgreSQL ends a transaction to break a deadlock."""

    def __init__(self):
        super().__init__("deadlock detected")
        self.__cause__ = Exception()
        self.__cause__.sqlstate = "40P01"


def test_deadlocked_transaction_retried():
    calls = []

    @atomically
    def write():
        Feed.objects.create(slug="user", user_id="1")
        calls.append(1)
        if len(calls) < 3:
            raise Deadlock
        return "done"

    assert write() == "done"
    assert len(calls) == 3
    assert Feed.objects.count() == 1


def test_no_retry_inside_outer_transaction():
    calls = []

    @atomically
    def write():
        calls.append(1)
        raise Deadlock

    with pytest.raises(OperationalError), transaction.atomic():
        write()
    assert len(calls) == 1


def test_other_error_not_retried():
    calls = []

    @atomically
    def write():
        calls.append(1)
        raise OperationalError("disk full")

    with pytest.raises(OperationalError):
        write()
    assert len(calls) == 1

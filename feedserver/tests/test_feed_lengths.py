"""Limits on the copies in a feed; its own activities are not limited."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedserver.feed_lengths import copies_in, slack
from feedserver.models import ActivityGroup, Feed, FeedEntry, FeedLength
from feedserver.tests.test_aggregated import at, check_counts, follow
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db

LENGTH = 5


@pytest.fixture(autouse=True)
def short(settings):
    settings.FEEDSERVER_FEED_LENGTH = LENGTH


def row_of(feed):
    return Feed.objects.get(slug=feed.slug, user_id=feed.user_id)


def copies(feed):
    return copies_in(row_of(feed).pk).count()


def numbers_in(feed):
    return [int(row["object"].rpartition(":")[2]) for row in feed.get(limit=100)["results"]]


def add(feed, make, *minutes, **fields):
    for minute in minutes:
        feed.add_activity(make(minute, **at(minute, **fields)))


def test_newest_copies_stay(feed, make):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    add(user, make, *range(8))
    assert numbers_in(follower) == [7, 6, 5, 4, 3]
    assert numbers_in(user) == [7, 6, 5, 4, 3, 2, 1, 0]


def test_oldest_copy_not_kept(feed, make):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    add(user, make, 1, 2, 3, 4, 5, 0)
    assert numbers_in(follower) == [5, 4, 3, 2, 1]


def test_own_activities_never_removed(feed, make):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    add(follower, make, *range(8))
    add(user, make, *range(10, 18), to=[follower.id])
    add(user, make, *range(20, 28))
    assert numbers_in(follower) == [*range(27, 22, -1), *range(17, 9, -1), *range(7, -1, -1)]
    assert copies(follower) == LENGTH


def test_follow_copies_at_most_length(feed, make):
    users, follower = [feed(), feed()], feed("timeline")
    add(users[0], make, *range(0, 20, 2))
    add(users[1], make, *range(1, 20, 2))
    follow(follower, users[0])
    assert numbers_in(follower) == [18, 16, 14, 12, 10]
    follow(follower, users[1])
    assert numbers_in(follower) == [19, 18, 17, 16, 15]


def test_follow_many_copies_at_most_length(stream, feed, make):
    users, followers = [feed() for _ in range(3)], [feed("timeline"), feed("aggregated")]
    for start, user in enumerate(users):
        add(user, make, *range(start, 12, 3))
    stream.follow_many(
        [{"source": one.id, "target": user.id} for one in followers for user in users]
    )
    assert numbers_in(followers[0]) == [11, 10, 9, 8, 7]
    assert copies(followers[1]) == LENGTH
    check_counts()


@pytest.mark.parametrize("slug", ["aggregated", "notification", "by_actor"])
def test_groups_deleted_with_last_copy(feed, make, slug):
    user, follower = feed(), feed(slug)
    follow(follower, user)
    for minute in range(12):
        add(user, make, minute, verb=f"verb{minute // 3}", actor="ab"[minute % 2])
        check_counts()
    assert copies(follower) == LENGTH
    groups = {row["group"]: row["activity_count"] for row in follower.get()["results"]}
    assert len(groups) < LENGTH
    assert sum(groups.values()) == LENGTH
    assert ActivityGroup.objects.filter(feed=row_of(follower)).count() == len(groups)


def test_group_of_own_activities_stays(feed, make):
    user, follower = feed(), feed("aggregated")
    follow(follower, user)
    add(follower, make, *range(3), verb="own")
    add(user, make, *range(10, 18), verb="own")
    (group,) = follower.get()["results"]
    assert group["activity_count"] == 3 + LENGTH
    check_counts()


def test_copy_with_two_origins_removed_whole(feed, make):
    users, follower = [feed(), feed()], feed("timeline")
    follow(follower, *users)
    for minute in range(6):
        users[0].add_activity(make(minute, to=[users[1].id], **at(minute)))
    assert numbers_in(follower) == [5, 4]
    assert copies(follower) <= LENGTH


def test_freed_space_filled_again(feed, make):
    users, follower = [feed(), feed()], feed("timeline")
    follow(follower, *users)
    add(users[0], make, *range(5))
    follower.unfollow(users[0].slug, users[0].user_id)
    add(users[1], make, *range(10, 14))
    users[1].remove_activity(foreign_id="a:10")
    assert numbers_in(follower) == [13, 12, 11]
    add(users[1], make, 14, 15)
    assert numbers_in(follower) == [15, 14, 13, 12, 11]


def test_shorter_length_applies_on_next_copy(feed, make, settings):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    add(user, make, *range(5))
    settings.FEEDSERVER_FEED_LENGTH = 2
    assert len(numbers_in(follower)) == 5
    add(user, make, 5)
    assert numbers_in(follower) == [5, 4]


@pytest.mark.slow
def test_long_feed_counted_rarely(feed, make, settings):
    settings.FEEDSERVER_FEED_LENGTH = 300
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    counts, trims = [], 0
    for start in range(0, 400, 10):
        user.add_activities([make(number, **at(number)) for number in range(start, start + 10)])
        counts.append(copies(follower))
        trims += len(counts) > 1 and counts[-1] <= counts[-2]
    assert max(counts) <= 300
    assert min(counts[30:]) >= 300 - 2 * slack()
    assert slack() == 10
    assert trims <= 11


def test_query_count_independent_of_followers(feed, make, settings):
    settings.FEEDSERVER_FEED_LENGTH = 5000
    counts = []
    for followers in (1, 30):
        user = feed()
        for _ in range(followers):
            follow(feed("timeline"), user)
        with CaptureQueriesContext(connection) as queries:
            add(user, make, 1)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_trim_uses_index(feed, make):
    user, follower = feed(), feed("aggregated")
    follow(follower, user)
    add(user, make, *range(LENGTH))
    with CaptureQueriesContext(connection) as queries:
        add(user, make, LENGTH)
    read = [
        query["sql"]
        for query in queries
        if FeedEntry._meta.db_table in query["sql"] and not query["sql"].startswith("INSERT")
    ]
    assert any(sql.lstrip().startswith("DELETE") for sql in read)
    if connection.vendor == "sqlite":
        for sql in read:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plan = [step[3] for step in cursor.fetchall()]
            assert not [
                step for step in plan if step.startswith(("SCAN entry", "SCAN feedserver_f"))
            ]


def test_length_deleted_with_feed(feed, make):
    user, follower = feed(), feed("timeline")
    follow(follower, user)
    add(user, make, 1)
    assert FeedLength.objects.count() == 1
    follower.unfollow(user.slug, user.user_id)
    assert FeedLength.objects.count() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slug", ["timeline", "aggregated", "by_actor"])
def test_length_holds_under_concurrent_writes(feed, make, slug):
    users, follower = [feed() for _ in range(4)], feed(slug)
    for user in users:
        follow(follower, user)

    def write(place):
        add(users[place], make, *range(place, 40, 4), actor=f"actor{place}", verb=f"verb{place}")

    run_at_once([lambda place=place: write(place) for place in range(4)])
    assert copies(follower) == LENGTH
    assert copies(follower) <= FeedLength.objects.get(feed=row_of(follower)).copies
    check_counts()
    assert all(len(numbers_in(user)) == 10 for user in users)

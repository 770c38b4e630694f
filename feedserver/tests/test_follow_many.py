"""Many follows begun and ended at once, for every type of feed."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedserver.ids import fresh_id, next_time
from feedserver.models import Activity, Feed, FeedEntry
from feedserver.tests.calls import slow
from feedserver.tests.test_aggregated import at, check_counts

pytestmark = pytest.mark.django_db

TYPES = ["timeline", "aggregated", "notification", "by_actor"]


def pairs(sources, targets):
    return [{"source": first.id, "target": second.id} for first in sources for second in targets]


def items_of(feed):
    """Return the objects and origins in a feed of any type."""
    items = set()
    for row in feed.get(limit=100)["results"]:
        for activity in row.get("activities", [row]):
            items.add((activity["object"], activity["origin"]))
    return items


def expected_items(users):
    return {(f"thing:{number}", user.id) for number, user in enumerate(users)}


@pytest.fixture
def users(feed, make):
    """Return five feeds with one activity each, by two actors, on three days."""
    users = [feed() for _ in range(5)]
    for number, user in enumerate(users):
        fields = at(number * 800, actor=f"a{number % 2}", foreign_id=f"x:{number}")
        user.add_activity(make(number, **fields))
    return users


@pytest.mark.parametrize("slug", TYPES)
def test_one_follows_many_and_unfollows_some(stream, feed, users, slug):
    reader = feed(slug)
    stream.follow_many(pairs([reader], users))
    assert items_of(reader) == expected_items(users)
    check_counts()
    stream.unfollow_many(pairs([reader], users[1:]))
    assert items_of(reader) == {("thing:0", users[0].id)}
    check_counts()


@pytest.mark.parametrize("slug", TYPES)
def test_many_follow_one_and_some_unfollow(stream, feed, users, slug):
    readers = [feed(slug) for _ in range(6)]
    stream.follow_many(pairs(readers, users[:1]))
    assert all(items_of(reader) == {("thing:0", users[0].id)} for reader in readers)
    stream.unfollow_many(pairs(readers[1:], users[:1]))
    assert [bool(items_of(reader)) for reader in readers] == [True] + [False] * 5
    check_counts()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_only_given_relations_end(stream, feed, make, seed):
    rng = random.Random(seed)
    users, readers = [feed() for _ in range(4)], [feed(slug) for slug in TYPES]
    for number, user in enumerate(users):
        user.add_activities([make(number * 10 + place) for place in range(2)])
    # All feeds hold the same activity.
    for user in users:
        user.add_activity(make(99, **at(0)))
    relations = pairs(readers, users)
    stream.follow_many(relations)
    check_counts()
    ended = rng.sample(relations, 7)
    stream.unfollow_many(ended)
    check_counts()
    standing = [row for row in relations if row not in ended]
    for reader in readers:
        followed = {row["target"] for row in standing if row["source"] == reader.id}
        assert {row["target_id"] for row in reader.following()["results"]} == followed
        assert {origin for _, origin in items_of(reader)} <= followed
        assert any(name == "thing:99" for name, _ in items_of(reader)) == bool(followed)


def test_kept_history_stays_beside_purged(stream, feed, users):
    reader = feed("aggregated")
    stream.follow_many(pairs([reader], users))
    keeping = [{**row, "keep_history": True} for row in pairs([reader], users[:2])]
    stream.unfollow_many([*keeping, *pairs([reader], users[2:])])
    assert items_of(reader) == expected_items(users[:2])
    assert reader.following()["results"] == []
    check_counts()


def count_queries(function):
    """Return the number of queries of `function`."""
    with CaptureQueriesContext(connection) as queries:
        function()
    return len(queries)


@pytest.mark.parametrize("slug", ["timeline", "notification", *slow("aggregated", "by_actor")])
def test_follow_many_query_count_constant(stream, feed, make, slug):
    followed, ended = set(), set()
    for number in (2, 12):
        reader, users = feed(slug), [feed() for _ in range(number)]
        for place, user in enumerate(users):
            user.add_activities([make(place), make(99, **at(place % 3))])
        relations = pairs([reader], users)
        followed.add(count_queries(lambda relations=relations: stream.follow_many(relations)))
        ended.add(count_queries(lambda relations=relations: stream.unfollow_many(relations)))
    assert len(followed) == len(ended) == 1


@pytest.mark.parametrize("slug", ["timeline", "notification", *slow("aggregated", "by_actor")])
def test_many_followers_query_count_constant(stream, feed, make, slug):
    followed, ended = set(), set()
    for number in (2, 12):
        relations = [
            {"source": feed(slug).id, "target": feed().id, "activity_copy_limit": 1 + place}
            for place in range(number)
        ]
        for row in relations:
            stream.feed(*row["target"].split(":")).add_activity(make())
        followed.add(count_queries(lambda relations=relations: stream.follow_many(relations)))
        ended.add(count_queries(lambda relations=relations: stream.unfollow_many(relations)))
    assert len(followed) == len(ended) == 1


@pytest.mark.parametrize("slug", TYPES)
def test_each_copy_limit_respected(stream, feed, make, slug):
    users, readers = [feed() for _ in range(4)], [feed(slug), feed(slug)]
    for number, user in enumerate(users):
        user.add_activities([make(f"{number}-{place}") for place in range(4)])
    limits_by_reader = [
        dict(zip(users, limits, strict=True)) for limits in ((0, 1, 2, 9), (3, 0, 4, 1))
    ]
    stream.follow_many(
        [
            {"source": reader.id, "target": user.id, "activity_copy_limit": limit}
            for reader, limits_of_reader in zip(readers, limits_by_reader, strict=True)
            for user, limit in limits_of_reader.items()
        ]
    )
    for reader, limits_of_reader in zip(readers, limits_by_reader, strict=True):
        expected = {
            (f"thing:{number}-{place}", user.id)
            for number, (user, limit) in enumerate(limits_of_reader.items())
            for place in range(max(0, 4 - limit), 4)
        }
        assert all_items_of(reader) == expected
    check_counts()


def all_items_of(feed):
    """Return the items of a feed like `items_of`, including those that groups do not show."""
    rows = FeedEntry.objects.filter(feed__slug=feed.slug, feed__user_id=feed.user_id)
    return {(row.activity.object, str(row.origin)) for row in rows}


def test_history_copied_in_batches(stream, feed, users):
    readers = [feed("notification") for _ in range(12)]
    stream.follow_many(pairs(readers, users[:1]), activity_copy_limit=1000)
    assert all(items_of(reader) == {("thing:0", users[0].id)} for reader in readers)
    check_counts()


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["timeline", "notification"])
def test_thousand_follows_take_few_queries(stream, slug):
    """With Stream's default limit of 100 copies, and several batches of groups."""
    many = 1000
    users = Feed.objects.bulk_create(
        [Feed(slug="user", user_id=f"u{number}") for number in range(many)]
    )
    rows = Activity.objects.bulk_create(
        [
            Activity(
                id=fresh_id(moment),
                actor=f"a{place % 7}",
                verb="add",
                object=str(place),
                time=moment,
            )
            for place in range(many * 2)
            for moment in [next_time()]
        ]
    )
    FeedEntry.objects.bulk_create(
        [
            FeedEntry(feed=users[place // 2], origin=users[place // 2], activity=row)
            for place, row in enumerate(rows)
        ]
    )
    reader = stream.feed(slug, "reader")
    relations = pairs([reader], [stream.feed("user", user.user_id) for user in users])
    assert count_queries(lambda: stream.follow_many(relations)) < many / 5
    assert FeedEntry.objects.filter(feed__user_id="reader").count() == many * 2
    assert len(reader.following(limit=500)["results"]) == 500
    check_counts()
    assert count_queries(lambda: stream.unfollow_many(relations[1:])) < 30
    assert {row.origin for row in FeedEntry.objects.filter(feed__user_id="reader")} == {users[0]}
    check_counts()


def test_other_origin_stays_grouped_and_seen(stream, feed, make):
    users, reader = [feed(), feed()], feed("own")
    for user in users:
        user.add_activity(make(1, **at(0), actor=f"SU:{reader.user_id}"))
    reader.follow(users[0].slug, users[0].user_id)
    users[1].add_activity(make(2, **at(1), actor=f"SU:{reader.user_id}"))
    stream.follow_many(pairs([reader], users[1:]))
    (group,) = reader.get()["results"]
    assert (group["is_seen"], group["activity_count"], group["actor_count"]) == (True, 2, 1)
    users[1].add_activity(make(3, **at(2)))
    stream.unfollow_many(pairs([reader], users))
    assert reader.get()["results"] == []
    stream.follow_many(pairs([reader], users))
    assert reader.get()["results"][0]["is_seen"] is False
    check_counts()

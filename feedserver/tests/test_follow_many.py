"""Following and unfollowing many at once, in and out of every type of feed."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedserver.tests.test_aggregated import at, check_counts

pytestmark = pytest.mark.django_db

TYPES = ["timeline", "aggregated", "notification", "by_actor"]


def pairs(sources, targets):
    return [{"source": one.id, "target": two.id} for one in sources for two in targets]


def held(feed):
    """Return the objects and origins in a feed, whatever its type."""
    found = set()
    for row in feed.get(limit=100)["results"]:
        for activity in row.get("activities", [row]):
            found.add((activity["object"], activity["origin"]))
    return found


def told_by(users):
    return {(f"thing:{number}", user.id) for number, user in enumerate(users)}


@pytest.fixture
def users(feed, make):
    """Return five feeds with an activity each, by two actors, on three days."""
    made = [feed() for _ in range(5)]
    for number, user in enumerate(made):
        fields = at(number * 800, actor=f"a{number % 2}", foreign_id=f"x:{number}")
        user.add_activity(make(number, **fields))
    return made


@pytest.mark.parametrize("slug", TYPES)
def test_one_follows_many_and_unfollows_some(stream, feed, users, slug):
    reader = feed(slug)
    stream.follow_many(pairs([reader], users))
    assert held(reader) == told_by(users)
    check_counts()
    stream.unfollow_many(pairs([reader], users[1:]))
    assert held(reader) == {("thing:0", users[0].id)}
    check_counts()


@pytest.mark.parametrize("slug", TYPES)
def test_many_follow_one_and_some_unfollow(stream, feed, users, slug):
    readers = [feed(slug) for _ in range(6)]
    stream.follow_many(pairs(readers, users[:1]))
    assert all(held(reader) == {("thing:0", users[0].id)} for reader in readers)
    stream.unfollow_many(pairs(readers[1:], users[:1]))
    assert [bool(held(reader)) for reader in readers] == [True] + [False] * 5
    check_counts()


@pytest.mark.parametrize("seed", range(3))
def test_any_relations_end_and_no_others(stream, feed, make, seed):
    chance = random.Random(seed)
    users, readers = [feed() for _ in range(4)], [feed(slug) for slug in TYPES]
    for number, user in enumerate(users):
        user.add_activities([make(number * 10 + place) for place in range(2)])
    # The same activity comes from all.
    for user in users:
        user.add_activity(make(99, **at(0)))
    relations = pairs(readers, users)
    stream.follow_many(relations)
    check_counts()
    ended = chance.sample(relations, 7)
    stream.unfollow_many(ended)
    check_counts()
    standing = [row for row in relations if row not in ended]
    for reader in readers:
        followed = {row["target"] for row in standing if row["source"] == reader.id}
        assert {row["target_id"] for row in reader.following()["results"]} == followed
        assert {origin for _, origin in held(reader)} <= followed
        assert any(name == "thing:99" for name, _ in held(reader)) == bool(followed)


def test_a_history_that_is_kept_stays_beside_others_that_go(stream, feed, users):
    reader = feed("aggregated")
    stream.follow_many(pairs([reader], users))
    keeping = [{**row, "keep_history": True} for row in pairs([reader], users[:2])]
    stream.unfollow_many([*keeping, *pairs([reader], users[2:])])
    assert held(reader) == told_by(users[:2])
    assert reader.following()["results"] == []
    check_counts()


def test_unfollowing_many_takes_the_same_queries_for_few_and_many(stream, feed, make):
    counts = []
    for number in (2, 12):
        reader, users = feed("aggregated"), [feed() for _ in range(number)]
        for user in users:
            user.add_activity(make())
        stream.follow_many(pairs([reader], users))
        with CaptureQueriesContext(connection) as queries:
            stream.unfollow_many(pairs([reader], users))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_following_many_asks_once_more_for_each_alone(stream, feed, make):
    counts = []
    for number in (2, 12):
        reader, users = feed("aggregated"), [feed() for _ in range(number)]
        for user in users:
            user.add_activity(make())
        with CaptureQueriesContext(connection) as queries:
            stream.follow_many(pairs([reader], users))
        counts.append(len(queries))
    assert counts[1] - counts[0] == 10

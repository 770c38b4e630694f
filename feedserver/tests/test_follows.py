import threading

import pytest
from django.db import connections
from stream.exceptions import InputException

pytestmark = pytest.mark.django_db


def objects(feed):
    return [row["object"] for row in feed.get(limit=100)["results"]]


def follow(follower, followed, **options):
    follower.follow(followed.slug, followed.user_id, **options)


def test_what_is_added_reaches_followers_one_level_deep(feed, make):
    user, first, second = feed(), feed("timeline"), feed("timeline")
    follow(first, user)
    follow(second, first)
    user.add_activity(make())
    assert objects(first) == ["thing:1"]
    assert first.get()["results"][0]["origin"] == user.id
    assert objects(second) == []


def test_an_addressed_feed_fans_out_to_its_own_followers(feed, make):
    user, other, follower = feed(), feed(), feed("timeline")
    follow(follower, other)
    user.add_activity(make(to=[other.id]))
    assert follower.get()["results"][0]["origin"] == other.id


@pytest.mark.parametrize(("limit", "expected"), [(None, 100), (3, 3), (0, 0)])
def test_following_copies_the_newest_activities(feed, make, limit, expected):
    user, follower = feed(), feed("timeline")
    for start in (0, 60):
        user.add_activities([make(number) for number in range(start, start + 60)])
    follow(follower, user, **({} if limit is None else {"activity_copy_limit": limit}))
    assert objects(follower) == [f"thing:{119 - place}" for place in range(expected)]


def test_unfollowing_takes_back_what_came_unless_history_is_kept(feed, make):
    user, one, two = feed(), feed("timeline"), feed("timeline")
    user.add_activity(make())
    for follower in (one, two):
        follow(follower, user)
    one.unfollow(user.slug, user.user_id)
    two.unfollow(user.slug, user.user_id, keep_history=True)
    user.add_activity(make(2))
    assert objects(one) == []
    assert objects(two) == ["thing:1"]


def test_what_came_by_two_ways_is_there_once_and_stays_while_one_stands(feed, make):
    user, other, follower = feed(), feed(), feed("timeline")
    follow(follower, user)
    follow(follower, other)
    user.add_activity(make(to=[other.id]))
    assert objects(follower) == ["thing:1"]
    follower.unfollow(user.slug, user.user_id)
    assert objects(follower) == ["thing:1"]
    follower.unfollow(other.slug, other.user_id)
    assert objects(follower) == []


def test_following_and_unfollowing_twice_change_nothing_more(feed, make):
    user, follower = feed(), feed("timeline")
    for _ in range(2):
        follow(follower, user)
    assert len(follower.following()["results"]) == 1
    for _ in range(2):
        follower.unfollow(user.slug, user.user_id)
    assert follower.following()["results"] == []


def test_lists_are_newest_first_paged_and_filtered(feed):
    follower = feed("timeline")
    followed = [feed() for _ in range(3)]
    for user in followed:
        follow(follower, user)
    ids = [user.id for user in reversed(followed)]
    assert [row["target_id"] for row in follower.following()["results"]] == ids
    assert [row["target_id"] for row in follower.following(1, 1)["results"]] == [ids[1]]
    (only,) = follower.following(feeds=[ids[2], "user:unknown"])["results"]
    assert only["target_id"] == ids[2]
    (row,) = followed[0].followers()["results"]
    assert (row["feed_id"], row["target_id"]) == (follower.id, followed[0].id)
    assert row["created_at"].endswith("Z")


def test_a_feed_does_not_follow_itself(feed):
    user = feed()
    with pytest.raises(InputException):
        follow(user, user)


def test_many_are_followed_and_unfollowed_all_or_none(stream, feed, make):
    follower, users = feed("timeline"), [feed() for _ in range(3)]
    for user in users:
        user.add_activities([make(1), make(2)])
    pairs = [{"source": follower.id, "target": user.id} for user in users]
    stream.follow_many(pairs, activity_copy_limit=1)
    assert len(objects(follower)) == 3
    with pytest.raises(InputException):
        stream.unfollow_many([*pairs, {"source": follower.id, "target": 42}])
    assert len(follower.following()["results"]) == 3
    stream.unfollow_many(pairs)
    assert objects(follower) == []
    stream.unfollow_many([])


@pytest.mark.django_db(transaction=True)
def test_nothing_falls_between_adding_and_following(stream, feed, make):
    user, follower = feed(), feed("timeline")
    run_at_once(
        [lambda number=number: user.add_activity(make(number)) for number in range(6)]
        + [lambda: follow(follower, user)]
    )
    assert sorted(objects(follower)) == sorted(objects(user)) == [f"thing:{n}" for n in range(6)]


def run_at_once(acts):
    errors = []

    def run(act):
        try:
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []

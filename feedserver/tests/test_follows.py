import pytest
from stream.exceptions import InputException

pytestmark = pytest.mark.django_db


def objects(feed):
    return [row["object"] for row in feed.get(limit=100)["results"]]


def follow(follower, followed, **options):
    follower.follow(followed.slug, followed.user_id, **options)


def test_fan_out_is_one_level(feed, make):
    user, first, second = feed(), feed("timeline"), feed("timeline")
    follow(first, user)
    follow(second, first)
    user.add_activity(make())
    assert objects(first) == ["thing:1"]
    assert first.get()["results"][0]["origin"] == user.id
    assert objects(second) == []


def test_target_feed_fans_out(feed, make):
    user, other, follower = feed(), feed(), feed("timeline")
    follow(follower, other)
    user.add_activity(make(to=[other.id]))
    assert follower.get()["results"][0]["origin"] == other.id


@pytest.mark.parametrize(("limit", "expected"), [(None, 100), (3, 3), (0, 0)])
def test_follow_copies_newest(feed, make, limit, expected):
    user, follower = feed(), feed("timeline")
    for start in (0, 60):
        user.add_activities([make(number) for number in range(start, start + 60)])
    follow(follower, user, **({} if limit is None else {"activity_copy_limit": limit}))
    assert objects(follower) == [f"thing:{119 - place}" for place in range(expected)]


def test_unfollow_removes_copies_unless_kept(feed, make):
    user, first, second = feed(), feed("timeline"), feed("timeline")
    user.add_activity(make())
    for follower in (first, second):
        follow(follower, user)
    first.unfollow(user.slug, user.user_id)
    second.unfollow(user.slug, user.user_id, keep_history=True)
    user.add_activity(make(2))
    assert objects(first) == []
    assert objects(second) == ["thing:1"]


def test_two_origins_shown_once(feed, make):
    user, other, follower = feed(), feed(), feed("timeline")
    follow(follower, user)
    follow(follower, other)
    user.add_activity(make(to=[other.id]))
    assert objects(follower) == ["thing:1"]
    follower.unfollow(user.slug, user.user_id)
    assert objects(follower) == ["thing:1"]
    follower.unfollow(other.slug, other.user_id)
    assert objects(follower) == []


def test_follow_and_unfollow_twice(feed, make):
    user, follower = feed(), feed("timeline")
    for _ in range(2):
        follow(follower, user)
    assert len(follower.following()["results"]) == 1
    for _ in range(2):
        follower.unfollow(user.slug, user.user_id)
    assert follower.following()["results"] == []


def test_lists_newest_first_paged_filtered(feed):
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


def test_feed_cannot_follow_itself(feed):
    user = feed()
    with pytest.raises(InputException):
        follow(user, user)


def test_follow_many_all_or_none(stream, feed, make):
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


def test_following_again_copies_nothing(feed, make):
    user, follower = feed(), feed("timeline")
    user.add_activity(make())
    follow(follower, user, activity_copy_limit=0)
    (before,) = follower.following()["results"]
    follow(follower, user, activity_copy_limit=10)
    assert follower.following()["results"] == [before]
    assert objects(follower) == []


def test_copies_are_not_copied(feed, make):
    user, first, second = feed(), feed("timeline"), feed("timeline")
    user.add_activity(make())
    follow(first, user)
    follow(second, first)
    assert objects(second) == []


def test_high_copy_limit_capped(feed, make):
    user, follower = feed(), feed("timeline")
    user.add_activity(make())
    follow(follower, user, activity_copy_limit=10**12)
    assert objects(follower) == ["thing:1"]


@pytest.mark.parametrize("limit", [-1, "10", 1.5, True, [1]])
def test_invalid_copy_limit_refused(feed, limit):
    follower = feed("timeline")
    with pytest.raises(InputException):
        follow(follower, feed(), activity_copy_limit=limit)
    assert follower.following()["results"] == []


def test_new_feed_can_be_followed(feed, make):
    user, follower = feed(), feed("timeline")
    assert set(follower.follow(user.slug, user.user_id)) == {"duration"}
    user.add_activity(make())
    assert objects(follower) == ["thing:1"]


def test_unfollowing_self_changes_nothing(feed, make):
    user = feed()
    user.add_activity(make())
    user.unfollow(user.slug, user.user_id)
    user.unfollow("user", "nobody")
    assert objects(user) == ["thing:1"]


def test_kept_history_removed_with_original(feed, make):
    user, follower = feed(), feed("timeline")
    added = user.add_activity(make())
    follow(follower, user)
    follower.unfollow(user.slug, user.user_id, keep_history=True)
    user.remove_activity(added["id"])
    assert objects(follower) == []


def test_followers_newest_first(feed):
    user = feed()
    followers = [feed("timeline") for _ in range(3)]
    for follower in followers:
        follow(follower, user)
    ids = [follower.id for follower in reversed(followers)]
    assert [row["feed_id"] for row in user.followers()["results"]] == ids
    assert [row["feed_id"] for row in user.followers(1, 2)["results"]] == ids[1:]
    (only,) = user.followers(feeds=[ids[0]])["results"]
    assert set(only) == {"feed_id", "target_id", "created_at", "updated_at"}


def test_list_query_count_constant(feed, django_assert_num_queries):
    follower, users = feed("timeline"), [feed() for _ in range(12)]
    for user in users:
        follow(follower, user)
    for count in (1, 12):
        with django_assert_num_queries(2):
            rows = follower.following(feeds=[user.id for user in users[:count]])["results"]
        assert len(rows) == count
    with django_assert_num_queries(1):
        follower.following()


def test_follow_many_with_own_copy_limits(stream, feed, make):
    follower, users = feed("timeline"), [feed() for _ in range(3)]
    for number, user in enumerate(users):
        user.add_activities([make(f"{number}-{place}") for place in range(4)])
    pairs = [{"source": follower.id, "target": user.id} for user in users]
    pairs[0]["activity_copy_limit"] = 3
    pairs[1]["activity_copy_limit"] = 0
    stream.follow_many([*pairs, pairs[2]], activity_copy_limit=1)
    assert len(objects(follower)) == 3 + 0 + 1
    ids = [user.id for user in reversed(users)]
    assert [row["target_id"] for row in follower.following()["results"]] == ids


def test_follow_many_mistake_follows_none(stream, feed):
    follower, user = feed("timeline"), feed()
    good = {"source": follower.id, "target": user.id}
    for bad in (
        {"source": follower.id},
        {"source": user.id, "target": user.id},
        {**good, "target": 1},
    ):
        with pytest.raises(InputException):
            stream.follow_many([good, bad])
    assert follower.following()["results"] == []


def test_unfollow_many_keeps_history_of_each(stream, feed, make):
    follower, users = feed("timeline"), [feed() for _ in range(2)]
    for number, user in enumerate(users):
        follow(follower, user)
        user.add_activity(make(number))
    pairs = [{"source": follower.id, "target": user.id} for user in users]
    with pytest.raises(InputException):
        stream.unfollow_many([{**pairs[0], "keep_history": "perhaps"}])
    stream.unfollow_many([{**pairs[0], "keep_history": True}, pairs[1]])
    assert follower.following()["results"] == []
    assert objects(follower) == ["thing:0"]


def test_follow_many_takes_few_queries(stream, feed, django_assert_max_num_queries):
    user, followers = feed(), [feed("timeline") for _ in range(40)]
    pairs = [{"source": follower.id, "target": user.id} for follower in followers]
    with django_assert_max_num_queries(60):
        stream.follow_many(pairs)
    with django_assert_max_num_queries(13):
        stream.unfollow_many(pairs)
    assert user.followers()["results"] == []


def test_batch_fans_out_only_added_feeds(feed, make):
    user, other, follower = feed(), feed(), feed("timeline")
    old = {"foreign_id": "a:1", "time": "2026-01-02T03:04:05"}
    other.add_activity(make(1, **old))
    follow(follower, other, activity_copy_limit=0)
    # The old activity is added again, but not to the feed that is followed.
    user.add_activities([make(1, **old), make(2, to=[other.id])])
    assert objects(follower) == ["thing:2"]

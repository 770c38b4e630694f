"""Removal from the feed an activity was added to, from target feeds and from followers."""

import pytest

from feedserver.models import Activity, Feed, FeedEntry

pytestmark = pytest.mark.django_db


def objects(feed):
    return [row["object"] for row in feed.get()["results"]]


@pytest.mark.parametrize("by_foreign_id", [True, False])
def test_removed_from_followers_and_targets(feed, make, by_foreign_id):
    user, other, follower = feed(), feed(), feed("timeline")
    follower.follow(user.slug, user.user_id)
    added = user.add_activity(make(foreign_id="a:1", to=[other.id]))
    if by_foreign_id:
        user.remove_activity(foreign_id="a:1")
    else:
        user.remove_activity(added["id"])
    assert [objects(row) for row in (user, other, follower)] == [[], [], []]
    assert not Activity.objects.exists()
    assert not FeedEntry.objects.exists()


def test_removing_unknown_is_no_error(feed):
    assert feed().remove_activity(foreign_id="never")["removed"] == "never"


def test_removing_copy_keeps_original(feed, make):
    user, follower = feed(), feed("timeline")
    follower.follow(user.slug, user.user_id)
    added = user.add_activity(make())
    follower.remove_activity(added["id"])
    assert objects(follower) == []
    assert objects(user) == ["thing:1"]


@pytest.mark.parametrize("name", ["never", "24f9d500-bb87-11e5-8080-80012ce3cc51"])
def test_removing_unknown_makes_no_feed(feed, name):
    assert feed().remove_activity(name)["removed"] == name
    assert not Feed.objects.exists()


def test_uppercase_id_accepted(feed, make):
    user = feed()
    wire_id = user.add_activity(make())["id"].upper()
    assert user.remove_activity(wire_id)["removed"] == wire_id
    assert objects(user) == []


def test_remove_all_with_foreign_id(feed, make):
    user, other = feed(), feed()
    user.add_activities([make(number, foreign_id="app.Thing:5") for number in range(3)])
    user.add_activity(make(7, foreign_id="app.Thing:50"))
    other.add_activity(make(8, foreign_id="app.Thing:5"))
    user.remove_activity(foreign_id="app.Thing:5")
    assert objects(user) == ["thing:7"]
    assert objects(other) == ["thing:8"]


def test_followers_of_target_lose_it(feed, make):
    user, addressed, follower = feed(), feed(), feed("timeline")
    follower.follow(addressed.slug, addressed.user_id)
    added = user.add_activity(make(to=[addressed.id]))
    assert objects(follower) == ["thing:1"]
    user.remove_activity(added["id"])
    assert objects(follower) == []
    assert not Activity.objects.exists()


def test_target_feed_removes_its_copies(feed, make):
    user, addressed, other, follower = feed(), feed(), feed(), feed("timeline")
    follower.follow(addressed.slug, addressed.user_id)
    added = user.add_activity(make(to=[addressed.id, other.id]))
    addressed.remove_activity(added["id"])
    assert [objects(row) for row in (addressed, follower)] == [[], []]
    assert [objects(row) for row in (user, other)] == [["thing:1"], ["thing:1"]]


def test_other_direct_feed_keeps_it(feed, make):
    first, second = feed(), feed()
    sent = make(foreign_id="a:1", time="2026-01-02T03:04:05")
    for user in (first, second):
        added = user.add_activity(sent)
    first.remove_activity(added["id"])
    assert [objects(row) for row in (first, second)] == [[], ["thing:1"]]


def test_all_origins_removed_at_once(feed, make):
    user, addressed = feed(), feed()
    addressed.follow(user.slug, user.user_id)
    added = user.add_activity(make(to=[addressed.id]))
    addressed.remove_activity(added["id"])
    assert objects(addressed) == []
    assert objects(user) == ["thing:1"]


def test_target_of_dropped_group_removed(settings, feed, make):
    user, gone = feed(), feed("timeline")
    added = user.add_activity(make(to=[gone.id]))
    settings.FEEDSERVER_GROUPS = {"user": {"type": "flat"}}
    user.remove_activity(added["id"])
    assert not FeedEntry.objects.exists()
    assert not Activity.objects.exists()


def test_removed_activity_added_again(feed, make):
    user, follower = feed(), feed("timeline")
    follower.follow(user.slug, user.user_id)
    sent = make(foreign_id="a:1", time="2026-01-02T03:04:05")
    before = user.add_activity(sent)["id"]
    user.remove_activity(foreign_id="a:1")
    assert user.add_activity(sent)["id"] == before
    assert objects(user) == objects(follower) == ["thing:1"]

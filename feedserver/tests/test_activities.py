from datetime import UTC, datetime

import pytest
from stream.exceptions import FeedConfigException, InputException

from feedserver.models import Activity, FeedEntry

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678)


def objects(feed, **options):
    return [row["object"] for row in feed.get(**options)["results"]]


def test_an_added_activity_is_read_back_with_exactly_streams_keys(feed, make):
    user = feed()
    added = user.add_activity(make(time=MOMENT, foreign_id="a:1", colour="red"))
    (read,) = user.get()["results"]
    keys = {"actor", "colour", "foreign_id", "id", "object", "origin", "target", "time", "verb"}
    assert set(read) == keys
    assert read["id"] == added["id"]
    assert read["time"] == MOMENT.replace(tzinfo=UTC)
    assert (read["origin"], read["target"]) == (None, "")


def test_many_are_answered_in_the_order_sent_and_read_newest_first(feed, make):
    user = feed()
    added = user.add_activities([make(number) for number in range(5)])["activities"]
    assert [row["object"] for row in added] == [f"thing:{number}" for number in range(5)]
    assert objects(user) == [f"thing:{number}" for number in reversed(range(5))]


def test_the_same_foreign_id_and_time_is_the_same_activity(feed, make):
    user = feed()
    first = user.add_activity(make(1, foreign_id="a:1", time=MOMENT))
    again = user.add_activity(make(2, foreign_id="a:1", time=MOMENT))
    assert first["id"] == again["id"]
    assert objects(user) == ["thing:2"]


def test_the_same_time_and_content_without_foreign_id_is_the_same_activity(feed, make):
    user, other = feed(), feed()
    assert user.add_activity(make(time=MOMENT))["id"] == other.add_activity(make(time=MOMENT))["id"]
    user.add_activity(make(2, time=MOMENT))
    assert Activity.objects.count() == 2


def test_numbers_are_taken_for_their_digits(feed, make):
    read = feed().add_activity(make(object=3, foreign_id=1234))
    assert (read["object"], read["foreign_id"]) == ("3", "1234")


@pytest.mark.parametrize(
    "fields",
    [
        {"actor": ""},
        {"verb": None},
        {"object": {}},
        {"verb": "v" * 256},
        {"foreign_id": "f" * 256},
        {"time": "yesterday"},
        {"to": ["nothing:1"]},
        {"to": ["user:1"] * 101},
        {"text": "x" * 11_000},
    ],
)
def test_what_stream_would_refuse_is_refused(feed, make, fields):
    user = feed()
    with pytest.raises((InputException, FeedConfigException)):
        user.add_activity(make(**fields))
    assert objects(user) == []


def test_a_batch_of_more_than_a_hundred_is_refused(feed, make):
    with pytest.raises(InputException):
        feed().add_activities([make(number) for number in range(101)])


def test_an_unknown_group_says_so(stream, make):
    with pytest.raises(FeedConfigException):
        stream.feed("nothing", "1").add_activity(make())


def test_an_activity_addressed_to_a_feed_is_on_both(feed, make):
    user, other = feed(), feed("timeline")
    added = user.add_activity(make(to=[other.id]))
    assert added["to"] == [other.id]
    assert other.get()["results"][0]["origin"] is None


def test_an_update_changes_content_and_keeps_id_and_addresses(stream, feed, make):
    user, other = feed(), feed()
    sent = make(foreign_id="a:1", time=MOMENT, to=[other.id])
    added = user.add_activity(sent)
    stream.update_activity(make(foreign_id="a:1", time=MOMENT, colour="blue"))
    for holder in (user, other):
        (read,) = holder.get()["results"]
        assert (read["id"], read["colour"], read["to"]) == (added["id"], "blue", [other.id])


def test_an_update_of_something_unknown_adds_nothing(stream, make):
    stream.update_activity(make(foreign_id="unknown", time=MOMENT))
    assert not Activity.objects.exists()


def test_an_update_needs_foreign_id_and_time(stream, make):
    with pytest.raises(InputException):
        stream.update_activity(make(foreign_id="a:1"))


@pytest.mark.parametrize("by_foreign_id", [True, False])
def test_a_removed_activity_is_gone_from_followers_and_addressed_feeds(feed, make, by_foreign_id):
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


def test_removing_what_is_not_there_is_no_error(feed):
    assert feed().remove_activity(foreign_id="never")["removed"] == "never"


def test_a_copy_is_removed_from_its_own_feed_alone(feed, make):
    user, follower = feed(), feed("timeline")
    follower.follow(user.slug, user.user_id)
    added = user.add_activity(make())
    follower.remove_activity(added["id"])
    assert objects(follower) == []
    assert objects(user) == ["thing:1"]


def test_activities_are_got_by_id_and_by_foreign_id(stream, feed, make):
    added = feed().add_activity(make(foreign_id="a:1", time=MOMENT))
    by_id = stream.get_activities(ids=[added["id"], "24f9d500-bb87-11e5-8080-80012ce3cc51"])
    by_name = stream.get_activities(foreign_id_times=[("a:1", MOMENT), ("a:2", MOMENT)])
    assert [row["id"] for row in by_id["results"]] == [added["id"]]
    assert [row["id"] for row in by_name["results"]] == [added["id"]]

from datetime import UTC, datetime
from uuid import UUID

import pytest
from stream.exceptions import FeedConfigException, InputException

from feedserver.models import Activity, Feed
from feedserver.tests.calls import call_api, check_error

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678)


def objects(feed, **options):
    return [row["object"] for row in feed.get(**options)["results"]]


def test_added_activity_has_stream_keys(feed, make):
    user = feed()
    added = user.add_activity(make(time=MOMENT, foreign_id="a:1", colour="red"))
    (read,) = user.get()["results"]
    keys = {"actor", "colour", "foreign_id", "id", "object", "origin", "target", "time", "verb"}
    assert set(read) == keys
    assert read["id"] == added["id"]
    assert read["time"] == MOMENT.replace(tzinfo=UTC)
    assert (read["origin"], read["target"]) == (None, "")


def test_batch_keeps_order(feed, make):
    user = feed()
    added = user.add_activities([make(number) for number in range(5)])["activities"]
    assert [row["object"] for row in added] == [f"thing:{number}" for number in range(5)]
    assert objects(user) == [f"thing:{number}" for number in reversed(range(5))]


def test_same_foreign_id_and_time_is_same_activity(feed, make):
    user = feed()
    first = user.add_activity(make(1, foreign_id="a:1", time=MOMENT))
    again = user.add_activity(make(2, foreign_id="a:1", time=MOMENT))
    assert first["id"] == again["id"]
    assert objects(user) == ["thing:2"]


def test_same_time_and_content_is_same_activity(feed, make):
    user, other = feed(), feed()
    assert user.add_activity(make(time=MOMENT))["id"] == other.add_activity(make(time=MOMENT))["id"]
    user.add_activity(make(2, time=MOMENT))
    assert Activity.objects.count() == 2


def test_numbers_converted_to_text(feed, make):
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
        {"verb": "ü" * 128},
        {"actor": True},
        {"target": ["a"]},
        {"foreign_id": {}},
        {"time": 1},
        {"time": "1500-01-01T00:00:00"},
        {"to": ["user:1"] * 101},
        {"text": "x" * 10_200},
        {"text": "ü" * 5_100},
    ],
)
def test_invalid_activity_refused(feed, make, fields):
    user = feed()
    with pytest.raises((InputException, FeedConfigException)):
        user.add_activity(make(**fields))
    assert objects(user) == []


def test_large_batch_refused(feed, make):
    with pytest.raises(InputException):
        feed().add_activities([make(number) for number in range(101)])


def test_unknown_group_refused(stream, make):
    with pytest.raises(FeedConfigException):
        stream.feed("nothing", "1").add_activity(make())


def test_target_feed_holds_activity(feed, make):
    user, other = feed(), feed("timeline")
    added = user.add_activity(make(to=[other.id]))
    assert added["to"] == [other.id]
    assert other.get()["results"][0]["origin"] is None


def test_update_keeps_id_and_targets(stream, feed, make):
    user, other = feed(), feed()
    sent = make(foreign_id="a:1", time=MOMENT, to=[other.id])
    added = user.add_activity(sent)
    stream.update_activity(make(foreign_id="a:1", time=MOMENT, colour="blue"))
    for holder in (user, other):
        (read,) = holder.get()["results"]
        assert (read["id"], read["colour"], read["to"]) == (added["id"], "blue", [other.id])


def test_update_of_unknown_adds_nothing(stream, make):
    stream.update_activity(make(foreign_id="unknown", time=MOMENT))
    assert not Activity.objects.exists()


def test_update_needs_foreign_id_and_time(stream, make):
    with pytest.raises(InputException):
        stream.update_activity(make(foreign_id="a:1"))


def test_get_by_id_and_foreign_id(stream, feed, make):
    added = feed().add_activity(make(foreign_id="a:1", time=MOMENT))
    by_id = stream.get_activities(ids=[added["id"], "24f9d500-bb87-11e5-8080-80012ce3cc51"])
    by_name = stream.get_activities(foreign_id_times=[("a:1", MOMENT), ("a:2", MOMENT)])
    assert [row["id"] for row in by_id["results"]] == [added["id"]]
    assert [row["id"] for row in by_name["results"]] == [added["id"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "ü" * 4_900},
        {"verb": "ü" * 127},
        {"to": [f"user:{number}" for number in range(100)]},
        {"created": "2014-11-11T15:06:16+01:00", "nested": {"to": [1, None, {"a": True}]}},
        {"time": None},
        {"foreign_id": None, "target": None},
    ],
)
def test_values_at_limits_accepted(feed, make, fields):
    user = feed()
    user.add_activity(make(**fields))
    (read,) = user.get()["results"]
    for name in fields.keys() - {"time", "foreign_id", "target"}:
        assert read[name] == fields[name]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T04:04:05+01:00",
        "2026-01-02T03:04:05.000000",
    ],
)
def test_time_returned_in_utc(client, text):
    body = {"actor": "a", "verb": "v", "object": "o", "time": text}
    added = call_api(client, "feed/user/1/", "post", body=body).json()
    assert added["time"] == "2026-01-02T03:04:05.000000"
    assert UUID(added["id"]).version == 1


@pytest.mark.parametrize("to", ["user:1", ["user"], ["user:a.b"], [":1"], [1], {"user:1": 1}])
def test_invalid_targets_refused(client, make, to):
    check_error(call_api(client, "feed/user/1/", "post", body=make(to=to)), 400, 4)


@pytest.mark.parametrize("name", ["actor", "verb", "object"])
def test_missing_field_named(stream, feed, make, name):
    sent = make()
    del sent[name]
    with pytest.raises(InputException) as refused:
        feed().add_activity(sent)
    assert name in str(refused.value)


def test_batch_with_mistake_adds_nothing(feed, make):
    user = feed()
    with pytest.raises(InputException):
        user.add_activities([make(1), make(2, actor="")])
    assert objects(user) == []
    assert not Activity.objects.exists()


def test_duplicate_in_batch_merges_targets(feed, make):
    user, first, second = feed(), feed(), feed()
    sent = make(foreign_id="a:1", time=MOMENT)
    added = user.add_activities([{**sent, "to": [first.id]}, {**sent, "to": [second.id]}])[
        "activities"
    ]
    assert added[0]["id"] == added[1]["id"]
    assert [objects(row) for row in (user, first, second)] == [["thing:1"]] * 3
    assert user.get()["results"][0]["to"] == [first.id, second.id]


def test_adding_elsewhere_keeps_targets(feed, make):
    user, first, other = feed(), feed(), feed()
    user.add_activity(make(foreign_id="a:1", time=MOMENT, to=[first.id]))
    added = other.add_activity(make(2, foreign_id="a:1", time=MOMENT))
    assert added["to"] == [first.id]
    assert [objects(row) for row in (user, first, other)] == [["thing:2"]] * 3


def test_reserved_fields_ignored(feed, make):
    user = feed()
    added = user.add_activity(make(id="mine", origin="user:2", foreign_id="a:1", time=MOMENT))
    assert added["id"] != "mine"
    assert added["origin"] is None
    assert added.get("to") is None


def test_equal_times_ordered_by_id(feed, make):
    user = feed()
    sent = [make(number, foreign_id=f"a:{number}", time=MOMENT) for number in range(8)]
    added = [row["id"] for row in user.add_activities(sent)["activities"]]
    assert [row["id"] for row in user.get()["results"]] == sorted(added, reverse=True)


def test_update_removes_custom_fields(stream, feed, make):
    user = feed()
    user.add_activity(make(foreign_id="a:1", time=MOMENT, colour="red"))
    stream.update_activity(make(foreign_id="a:1", time=MOMENT, to=["user:9"]))
    (read,) = user.get()["results"]
    assert "colour" not in read
    assert "to" not in read
    assert stream.feed("user", "9").get()["results"] == []


def test_get_and_update_at_most_hundred(stream, make):
    many = [make(number, foreign_id=str(number), time=MOMENT) for number in range(101)]
    with pytest.raises(InputException):
        stream.update_activities(many)
    with pytest.raises(InputException):
        stream.get_activities(ids=["24f9d500-bb87-11e5-8080-80012ce3cc51"] * 101)


@pytest.mark.parametrize("query", ["", "&foreign_ids=a:1", "&foreign_ids=a&timestamps=yesterday"])
def test_get_without_ids_refused(client, query):
    check_error(call_api(client, "activities/", query=query), 400, 4)


def test_empty_batch_makes_no_feed(client):
    assert call_api(client, "feed/user/nobody/", "post", body={"activities": []}).status_code == 201
    assert not Feed.objects.filter(user_id="nobody").exists()

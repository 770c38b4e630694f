"""Changing parts of activities, and to whom they are addressed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from stream.exceptions import DoesNotExistException, InputException

from feedserver.errors import InvalidInput
from feedserver.models import Activity, AuditEntry, Feed
from feedserver.partial_updates import Change, changed
from feedserver.tests.calls import ask, check
from feedserver.tests.test_aggregated import check_counts
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db

MOMENT = "2026-01-02T03:04:05.678900"


def read_one(feed):
    (activity,) = feed.get()["results"]
    return activity


# Parts


def test_paths_are_set_and_unset(stream, feed, make):
    user = feed()
    sent = make(foreign_id="a:1", time=MOMENT, product={"name": "shoes", "price": 9}, old=1)
    before = user.add_activity(sent)
    answer = stream.activity_partial_update(
        id=before["id"],
        set={"product.name": "boots", "popularity": 100, "new.deep": {"a": [1]}},
        unset=["product.price", "old", "never.there"],
    )
    expected = {
        name: value for name, value in before.items() if name not in {"old", "duration"}
    } | {"product": {"name": "boots"}, "popularity": 100, "new": {"deep": {"a": [1]}}}
    assert answer["activities"] == [expected]
    assert read_one(user) == expected


def nested(depth):
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize("keys", [21, 5000])
def test_a_path_of_very_many_keys_is_refused(client, stream, feed, make, keys):
    user = feed()
    name = user.add_activity(make(old=1))["id"]
    path = ".".join("a" * keys)
    for body in ({"set": {path: 1}}, {"unset": [path]}):
        check(ask(client, "activity/", "post", body={"id": name, **body}), 400, 4)
    assert read_one(user)["old"] == 1


def test_what_is_stored_is_no_deeper_than_a_body_may_be(client, stream, feed, make):
    user = feed()
    name = user.add_activity(make())["id"]
    path = ".".join("b" * 15)
    body = {"id": name, "set": {path: nested(95)}}
    check(ask(client, "activity/", "post", body=body), 400, 4)
    body = {"id": name, "set": {path: nested(80)}}
    assert ask(client, "activity/", "post", body=body).status_code == 201
    stored = Activity.objects.get().data
    assert ask(client, "feed/user/1/", "post", body=make(**stored)).status_code == 201


def test_an_activity_is_named_by_foreign_id_and_time_too(stream, feed, make):
    user = feed()
    user.add_activity(make(foreign_id="a:1", time=MOMENT))
    stream.activity_partial_update(foreign_id="a:1", time=MOMENT, set={"colour": "red"})
    assert read_one(user)["colour"] == "red"


def test_many_are_changed_in_the_order_asked_for(stream, feed, make):
    user = feed()
    names = [user.add_activity(make(number))["id"] for number in range(3)]
    changes = [{"id": name, "set": {"place": place}} for place, name in enumerate(names)]
    answer = stream.activities_partial_update([*changes[::-1], {"id": names[0], "set": {"x": 1}}])
    assert [row["id"] for row in answer["activities"]] == [*names[::-1], names[0]]
    assert {row["place"] for row in user.get()["results"]} == {0, 1, 2}
    assert answer["activities"][-1]["x"] == 1


def test_a_change_that_is_sent_bare_is_answered_by_the_activity(client, feed, make):
    added = feed().add_activity(make())
    body = {"id": added["id"], "set": {"colour": "red"}}
    assert ask(client, "activity/", "post", body=body).json()["colour"] == "red"


def test_one_unknown_activity_leaves_all_as_they_were(stream, feed, make):
    user = feed()
    before = user.add_activity(make())
    for other in ({"foreign_id": "b", "time": MOMENT}, {"id": "no id"}):
        with pytest.raises(DoesNotExistException):
            stream.activities_partial_update(
                [{"id": before["id"], "set": {"colour": "red"}}, {**other, "set": {"a": 1}}]
            )
    assert "colour" not in read_one(user)


@pytest.mark.parametrize(
    "change",
    [
        {"set": {"actor": "ben"}},
        {"set": {"to": ["user:1"]}},
        {"set": {"id.x": 1}},
        {"unset": ["verb"]},
        {"unset": ["time"]},
        {"set": {"text.a": 1}},
        {"set": {"": 1}},
        {"set": {"a..b": 1}},
        {"unset": [1]},
        {"unset": "text"},
        {"set": [1]},
        {"set": {f"k{number}": 1 for number in range(26)}},
        {"unset": [f"k{number}" for number in range(26)]},
        {"set": {"long": "x" * 11_000}},
    ],
)
def test_bad_changes_are_refused(client, feed, make, change):
    user = feed()
    added = user.add_activity(make(text="a text"))
    body = {"changes": [{"id": added["id"], **change}]}
    check(ask(client, "activity/", "post", body=body), 400, 4)
    assert read_one(user) == {name: added[name] for name in added if name != "duration"}


@pytest.mark.parametrize("changes", ["text", [1], [{}], [{"foreign_id": 1}], [{"id": "a"}] * 101])
def test_what_is_no_list_of_changes_is_refused(client, changes):
    check(ask(client, "activity/", "post", body={"changes": changes}), 400, 4)


KEY = st.sampled_from(["a", "b", "c"])
PATH = st.lists(KEY, min_size=1, max_size=3).map(".".join)


@given(st.dictionaries(KEY, st.integers()), PATH, st.integers())
def test_what_was_set_can_be_read_and_unset(data, path, value):
    try:
        after = changed(data, Change(None, {path: value}, ()))
    except InvalidInput:
        assert "." in path
        return
    inside = after
    for key in path.split("."):
        inside = inside[key]
    assert inside == value
    assert {key: after[key] for key in data if key != path[0]} == {
        key: data[key] for key in data if key != path[0]
    }
    gone = changed(after, Change(None, {}, (path,)))
    assert changed(gone, Change(None, {path: value}, ())) == after


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_are_all_kept(stream, feed, make):
    user = feed()
    name = user.add_activity(make())["id"]
    run_at_once(
        [
            lambda number=number: stream.activity_partial_update(id=name, set={f"k{number}": 1})
            for number in range(6)
        ]
    )
    assert {f"k{number}" for number in range(6)} <= read_one(user).keys()


def test_a_change_takes_the_same_queries_for_one_and_many(
    stream, feed, make, django_assert_num_queries
):
    user = feed()
    names = [user.add_activity(make(number))["id"] for number in range(12)]
    for some in (names[:1], names):
        # A savepoint's two, the rows, their change.
        with django_assert_num_queries(4):
            stream.activities_partial_update([{"id": name, "set": {"a": 1}} for name in some])


# Targets


@pytest.fixture
def addressed(feed, make):
    """Return a feed with one activity, and three feeds of which the first is addressed."""
    user, targets = feed(), [feed("notification"), feed("aggregated"), feed()]
    user.add_activity(make(foreign_id="a:1", time=MOMENT, to=[targets[0].id]))
    return user, targets


def holds(feed):
    return bool(feed.get()["results"])


def test_targets_are_replaced(addressed):
    user, (one, two, three) = addressed
    answer = user.update_activity_to_targets("a:1", MOMENT, new_targets=[two.id, three.id])
    assert answer["activity"]["to"] == answer["added"] == [two.id, three.id]
    assert answer["removed"] == [one.id]
    assert [holds(row) for row in (user, one, two, three)] == [True, False, True, True]
    assert read_one(user)["to"] == [two.id, three.id]
    check_counts()


def test_targets_are_added_and_removed(addressed):
    user, (one, two, _) = addressed
    answer = user.update_activity_to_targets(
        "a:1", MOMENT, added_targets=[two.id], removed_targets=[one.id, "user:never-there"]
    )
    assert (answer["added"], answer["removed"]) == ([two.id], [one.id])
    assert [holds(one), holds(two)] == [False, True]
    assert not Feed.objects.filter(user_id="never-there").exists()


def test_what_is_addressed_fans_out_and_comes_back(addressed, feed):
    user, (_, _, three) = addressed
    follower = feed("timeline")
    follower.follow(three.slug, three.user_id)
    user.update_activity_to_targets("a:1", MOMENT, added_targets=[three.id])
    assert read_one(follower)["origin"] == three.id
    user.update_activity_to_targets("a:1", MOMENT, new_targets=[])
    assert not holds(follower)
    assert not holds(three)


def test_without_targets_there_is_no_to(addressed):
    user, _ = addressed
    answer = user.update_activity_to_targets("a:1", MOMENT, new_targets=[])
    assert answer["activity"]["to"] == []
    assert "to" not in read_one(user)


def test_removing_the_activity_later_reaches_new_targets(addressed):
    user, (_, two, three) = addressed
    user.update_activity_to_targets("a:1", MOMENT, new_targets=[two.id, three.id])
    user.remove_activity(foreign_id="a:1")
    assert not any(map(holds, (user, two, three)))
    assert not Activity.objects.exists()


def test_one_in_a_list_is_answered_as_one_sent_bare(client, addressed):
    user, (one, *_) = addressed
    update = {"foreign_id": "a:1", "time": MOMENT, "removed_targets": [one.id]}
    path = f"feed_targets/{user.slug}/{user.user_id}/activity_to_targets/"
    answer = ask(client, path, "post", body=[update]).json()
    assert answer["removed"] == [one.id]
    update["id"] = answer["activity"]["id"]
    assert len(ask(client, path, "post", body=[update, update]).json()["results"]) == 2


@pytest.mark.parametrize(
    "targets",
    [
        {},
        {"new_targets": ["user:1"], "added_targets": ["user:2"]},
        {"added_targets": ["user:1"], "removed_targets": ["user:1"]},
        {"new_targets": "user:1"},
        {"new_targets": [1]},
        {"added_targets": [f"user:{number}" for number in range(101)]},
        {"added_targets": [f"user:{number}" for number in range(100)]},
    ],
)
def test_bad_targets_are_refused(client, addressed, targets):
    user, (one, *_) = addressed
    path = f"feed_targets/{user.slug}/{user.user_id}/activity_to_targets/"
    body = {"foreign_id": "a:1", "time": MOMENT, **targets}
    check(ask(client, path, "post", body=body), 400, 4)
    assert read_one(user)["to"] == [one.id]


def test_only_the_feed_it_was_added_to_addresses_an_activity(addressed, feed):
    user, (one, two, _) = addressed
    with pytest.raises(DoesNotExistException):
        feed().update_activity_to_targets("a:1", MOMENT, new_targets=[two.id])
    with pytest.raises(DoesNotExistException):
        user.update_activity_to_targets("unknown", MOMENT, new_targets=[two.id])
    assert read_one(user)["to"] == [one.id]
    assert not holds(two)


@pytest.mark.django_db(transaction=True)
def test_readdressing_at_once_leaves_what_to_says(addressed, feed):
    user, targets = addressed
    run_at_once(
        [
            lambda row=row: user.update_activity_to_targets("a:1", MOMENT, new_targets=[row.id])
            for row in targets
        ]
        * 2
    )
    to = read_one(user).get("to", [])
    assert [holds(row) for row in targets] == [row.id in to for row in targets]
    check_counts()


# Many feeds


def test_one_activity_is_added_to_many_feeds_and_no_further(stream, feed, make):
    feeds, follower = [feed(), feed("aggregated"), feed("notification")], feed("timeline")
    reader = feed("aggregated")
    for row in (follower, reader):
        row.follow(feeds[0].slug, feeds[0].user_id)
    stream.add_to_many(make(), [row.id for row in feeds])
    assert all(map(holds, feeds))
    assert read_one(feeds[0])["origin"] is None
    assert "to" not in read_one(feeds[0])
    assert not holds(follower)
    assert not holds(reader)
    check_counts()


def test_it_takes_the_same_queries_for_a_few_feeds_and_for_many(
    stream, make, django_assert_num_queries
):
    for number in (2, 200):
        names = [f"user:{number}-{place}" for place in range(number)]
        with django_assert_num_queries(9):
            stream.add_to_many(make(number), names)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"activity": {}, "feeds": []},
        {"activity": [], "feeds": ["user:1"]},
        {"activity": {"actor": "a"}, "feeds": ["user:1"]},
        {"activity": {"actor": "a", "verb": "v", "object": "o", "to": ["user:2"]}},
        {"activity": {"actor": "a", "verb": "v", "object": "o"}, "feeds": "user:1"},
        {"activity": {"actor": "a", "verb": "v", "object": "o"}, "feeds": ["user:1"] * 5001},
    ],
)
def test_what_cannot_go_to_many_feeds_is_refused(client, body):
    check(ask(client, "feed/add_to_many/", "post", body={"feeds": ["user:1"], **body}), 400, 4)
    assert not Activity.objects.exists()


def test_to_is_refused_by_the_client_call_too(stream, make):
    with pytest.raises(InputException):
        stream.add_to_many(make(to=["user:2"]), ["user:1"])


# Audit log


@pytest.fixture
def audited(settings):
    settings.FEEDSERVER_AUDIT_LOG = True


def log(client, query):
    return ask(client, "audit_logs/", query=query).json()


def test_a_list_of_readdressings_is_made_whole_or_not_at_all(client, feed, make):
    user, told = feed(), feed()
    names = [user.add_activity(make(number))["id"] for number in range(2)]
    elsewhere = feed().add_activity(make(3))["id"]
    path = f"feed_targets/user/{user.user_id}/activity_to_targets/"

    def send(*wanted):
        body = [{"id": name, "added_targets": [told.id]} for name in wanted]
        return ask(client, path, "post", body=body)

    check(send(*names, elsewhere), 404, 16)
    assert told.get()["results"] == []
    answer = send(*names, names[0]).json()["results"]
    assert [one["added"] for one in answer] == [[told.id], [told.id], []]
    assert len(told.get()["results"]) == 2


@pytest.mark.parametrize("value", ["", {}, 0, False])
def test_what_is_no_list_of_feeds_does_not_mean_none(client, stream, feed, make, value):
    user, told = feed(), feed()
    name = user.add_activity(make(to=[told.id]))["id"]
    path = f"feed_targets/user/{user.user_id}/activity_to_targets/"
    check(ask(client, path, "post", body={"id": name, "new_targets": value}), 400, 4)
    said = stream.reactions.add("like", name, "ana", target_feeds=[told.id])["id"]
    check(ask(client, f"reaction/{said}/", "put", body={"target_feeds": value}), 400, 4)
    check(ask(client, "feed/user/1/", "post", body=make(to=value)), 400, 4)
    assert len(told.get()["results"]) == 2


def test_the_log_tells_what_was_done_to_an_activity(audited, client, stream, feed, make):
    user = feed()
    name = user.add_activity(make(foreign_id="a:1", time=MOMENT))["id"]
    stream.activity_partial_update(id=name, set={"a": 1})
    stream.update_activity(make(foreign_id="a:1", time=MOMENT))
    user.remove_activity(name)
    answer = log(client, f"&entity_type=activity&entity_id={name}")
    done = [row["action"] for row in answer["audit_logs"]]
    assert done == ["delete", "update", "update", "create"]
    keys = {"entity_type", "entity_id", "action", "user_id", "created_at", "custom"}
    assert answer["audit_logs"][0].keys() == keys
    assert (answer["next"], answer["prev"]) == ("", "")


def test_the_log_tells_what_somebody_did_to_reactions(audited, client, stream):
    name = stream.reactions.add("like", "an activity", "ana")["id"]
    stream.reactions.update(name, data={"a": 1})
    stream.reactions.delete(name, soft=True)
    stream.reactions.restore(name)
    stream.reactions.delete(name)
    stream.reactions.add("like", "an activity", "ben")
    done = [row["action"] for row in log(client, "&user_id=ana")["audit_logs"]]
    assert done == ["delete", "update", "delete", "update", "create"]


def test_the_log_tells_of_reactions_that_went_with_another(audited, client, stream):
    name = stream.reactions.add("comment", "an activity", "ana")["id"]
    stream.reactions.add_child("like", name, "ben")
    stream.reactions.delete(name)
    done = [row["action"] for row in log(client, "&user_id=ben")["audit_logs"]]
    assert done == ["delete", "create"]


def test_the_log_tells_of_what_was_added_to_many(audited, client, stream, feed, make):
    stream.add_to_many(make(), [feed().id, feed().id])
    assert [row["action"] for row in log(client, "&user_id=ana")["audit_logs"]] == ["create"]


def test_the_log_drops_what_is_too_old_in_passing(audited, settings, feed, make):
    settings.FEEDSERVER_AUDIT_DAYS = 30
    now = timezone.now()
    AuditEntry.objects.bulk_create(
        AuditEntry(entity_type="activity", entity_id=name, created_at=now - timedelta(days=days))
        for name, days in [("old", 31)] * 250 + [("young", 29)] * 3
    )
    feed().add_activities([make(number) for number in range(100)])
    assert not AuditEntry.objects.filter(entity_id="old").exists()
    assert AuditEntry.objects.filter(entity_id="young").count() == 3
    assert AuditEntry.objects.count() == 103


def test_the_log_is_paged_both_ways(audited, client, feed, make):
    user = feed()
    for number in range(5):
        user.add_activity(make(number))
    first = log(client, "&user_id=ana&limit=2")
    second = log(client, f"&user_id=ana&limit=2&next={first['next']}")
    third = log(client, f"&user_id=ana&limit=2&next={second['next']}")
    assert [len(page["audit_logs"]) for page in (first, second, third)] == [2, 2, 1]
    assert (first["prev"], third["next"]) == ("", "")
    assert (
        log(client, f"&user_id=ana&limit=2&prev={second['prev']}")["audit_logs"]
        == (first["audit_logs"])
    )


def test_a_log_of_everything_is_not_given(client):
    for query in ("", "&entity_type=activity", "&entity_id=1", "&user_id=ana&next=x"):
        check(ask(client, "audit_logs/", query=query), 400, 4)


def test_without_the_setting_nothing_is_logged(settings, feed, make):
    settings.FEEDSERVER_AUDIT_LOG = False
    feed().add_activity(make())
    assert not AuditEntry.objects.exists()


def test_a_foreign_id_may_be_a_number(client, feed, make):
    user = feed()
    user.add_activity(make(foreign_id=1234, time=MOMENT))
    change = {"foreign_id": 1234, "time": MOMENT, "set": {"colour": "red"}}
    assert ask(client, "activity/", "post", body={"changes": [change]}).status_code == 201
    assert user.get()["results"][0]["colour"] == "red"

"""Partial updates, target feeds, add to many, and the audit log."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from stream.exceptions import DoesNotExistException, InputException

from feedserver.errors import InvalidInput
from feedserver.models import Activity, AuditEntry, Feed
from feedserver.partial_updates import Change, apply_change
from feedserver.tests.calls import call_api, check_error
from feedserver.tests.test_aggregated import check_counts
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db

MOMENT = "2026-01-02T03:04:05.678900"


def read_one(feed):
    (activity,) = feed.get()["results"]
    return activity


# Parts


def test_paths_set_and_unset(stream, feed, make):
    user = feed()
    sent = make(foreign_id="a:1", time=MOMENT, product={"name": "shoes", "price": 9}, old=1)
    before = user.add_activity(sent)
    response = stream.activity_partial_update(
        id=before["id"],
        set={"product.name": "boots", "popularity": 100, "new.deep": {"a": [1]}},
        unset=["product.price", "old", "never.there"],
    )
    expected = {
        name: value for name, value in before.items() if name not in {"old", "duration"}
    } | {"product": {"name": "boots"}, "popularity": 100, "new": {"deep": {"a": [1]}}}
    assert response["activities"] == [expected]
    assert read_one(user) == expected


def nested(depth):
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize("keys", [21, 5000])
def test_long_path_refused(client, stream, feed, make, keys):
    user = feed()
    name = user.add_activity(make(old=1))["id"]
    path = ".".join("a" * keys)
    for body in ({"set": {path: 1}}, {"unset": [path]}):
        check_error(call_api(client, "activity/", "post", body={"id": name, **body}), 400, 4)
    assert read_one(user)["old"] == 1


def test_stored_nesting_limited(client, stream, feed, make):
    user = feed()
    name = user.add_activity(make())["id"]
    path = ".".join("b" * 15)
    body = {"id": name, "set": {path: nested(95)}}
    check_error(call_api(client, "activity/", "post", body=body), 400, 4)
    body = {"id": name, "set": {path: nested(80)}}
    assert call_api(client, "activity/", "post", body=body).status_code == 201
    stored = Activity.objects.get().data
    assert call_api(client, "feed/user/1/", "post", body=make(**stored)).status_code == 201


def test_activity_named_by_foreign_id_and_time(stream, feed, make):
    user = feed()
    user.add_activity(make(foreign_id="a:1", time=MOMENT))
    stream.activity_partial_update(foreign_id="a:1", time=MOMENT, set={"colour": "red"})
    assert read_one(user)["colour"] == "red"


def test_many_changes_keep_order(stream, feed, make):
    user = feed()
    names = [user.add_activity(make(number))["id"] for number in range(3)]
    changes = [{"id": name, "set": {"place": place}} for place, name in enumerate(names)]
    response = stream.activities_partial_update([*changes[::-1], {"id": names[0], "set": {"x": 1}}])
    assert [row["id"] for row in response["activities"]] == [*names[::-1], names[0]]
    assert {row["place"] for row in user.get()["results"]} == {0, 1, 2}
    assert response["activities"][-1]["x"] == 1


def test_single_change_returns_activity(client, feed, make):
    added = feed().add_activity(make())
    body = {"id": added["id"], "set": {"colour": "red"}}
    assert call_api(client, "activity/", "post", body=body).json()["colour"] == "red"


def test_unknown_activity_changes_none(stream, feed, make):
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
def test_bad_changes_refused(client, feed, make, change):
    user = feed()
    added = user.add_activity(make(text="a text"))
    body = {"changes": [{"id": added["id"], **change}]}
    check_error(call_api(client, "activity/", "post", body=body), 400, 4)
    assert read_one(user) == {name: added[name] for name in added if name != "duration"}


@pytest.mark.parametrize("changes", ["text", [1], [{}], [{"foreign_id": 1}], [{"id": "a"}] * 101])
def test_invalid_change_list_refused(client, changes):
    check_error(call_api(client, "activity/", "post", body={"changes": changes}), 400, 4)


KEY = st.sampled_from(["a", "b", "c"])
PATH = st.lists(KEY, min_size=1, max_size=3).map(".".join)


@pytest.mark.slow
@given(st.dictionaries(KEY, st.integers()), PATH, st.integers())
def test_set_then_unset_path(data, path, value):
    try:
        after = apply_change(data, Change(None, {path: value}, ()))
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
    gone = apply_change(after, Change(None, {}, (path,)))
    assert apply_change(gone, Change(None, {path: value}, ())) == after


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_changes_all_kept(stream, feed, make):
    user = feed()
    name = user.add_activity(make())["id"]
    run_at_once(
        [
            lambda number=number: stream.activity_partial_update(id=name, set={f"k{number}": 1})
            for number in range(6)
        ]
    )
    assert {f"k{number}" for number in range(6)} <= read_one(user).keys()


def test_change_query_count_constant(stream, feed, make, django_assert_num_queries):
    user = feed()
    names = [user.add_activity(make(number))["id"] for number in range(12)]
    for batch in (names[:1], names):
        # Two queries of a savepoint, the rows, their update.
        with django_assert_num_queries(4):
            stream.activities_partial_update([{"id": name, "set": {"a": 1}} for name in batch])


# Targets


@pytest.fixture
def addressed(feed, make):
    """Return a feed with one activity, and three feeds of which the first is a target."""
    user, targets = feed(), [feed("notification"), feed("aggregated"), feed()]
    user.add_activity(make(foreign_id="a:1", time=MOMENT, to=[targets[0].id]))
    return user, targets


def holds(feed):
    return bool(feed.get()["results"])


def test_targets_replaced(addressed):
    user, (first, second, third) = addressed
    response = user.update_activity_to_targets("a:1", MOMENT, new_targets=[second.id, third.id])
    assert response["activity"]["to"] == response["added"] == [second.id, third.id]
    assert response["removed"] == [first.id]
    assert [holds(row) for row in (user, first, second, third)] == [True, False, True, True]
    assert read_one(user)["to"] == [second.id, third.id]
    check_counts()


def test_targets_added_and_removed(addressed):
    user, (first, second, _) = addressed
    response = user.update_activity_to_targets(
        "a:1", MOMENT, added_targets=[second.id], removed_targets=[first.id, "user:never-there"]
    )
    assert (response["added"], response["removed"]) == ([second.id], [first.id])
    assert [holds(first), holds(second)] == [False, True]
    assert not Feed.objects.filter(user_id="never-there").exists()


def test_new_target_fans_out(addressed, feed):
    user, (_, _, third) = addressed
    follower = feed("timeline")
    follower.follow(third.slug, third.user_id)
    user.update_activity_to_targets("a:1", MOMENT, added_targets=[third.id])
    assert read_one(follower)["origin"] == third.id
    user.update_activity_to_targets("a:1", MOMENT, new_targets=[])
    assert not holds(follower)
    assert not holds(third)


def test_own_feed_as_target_keeps_activity(feed, make):
    user = feed()
    user.add_activity(make(foreign_id="a:1", time=MOMENT, to=[user.id]))
    response = user.update_activity_to_targets("a:1", MOMENT, removed_targets=[user.id])
    assert response["removed"] == [user.id]
    assert holds(user)


def test_no_targets_omits_to(addressed):
    user, _ = addressed
    response = user.update_activity_to_targets("a:1", MOMENT, new_targets=[])
    assert response["activity"]["to"] == []
    assert "to" not in read_one(user)


def test_removal_reaches_new_targets(addressed):
    user, (_, second, third) = addressed
    user.update_activity_to_targets("a:1", MOMENT, new_targets=[second.id, third.id])
    user.remove_activity(foreign_id="a:1")
    assert not any(map(holds, (user, second, third)))
    assert not Activity.objects.exists()


def test_list_of_one_returns_object(client, addressed):
    user, (first, *_) = addressed
    update = {"foreign_id": "a:1", "time": MOMENT, "removed_targets": [first.id]}
    path = f"feed_targets/{user.slug}/{user.user_id}/activity_to_targets/"
    response = call_api(client, path, "post", body=[update]).json()
    assert response["removed"] == [first.id]
    update["id"] = response["activity"]["id"]
    assert len(call_api(client, path, "post", body=[update, update]).json()["results"]) == 2


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
def test_bad_targets_refused(client, addressed, targets):
    user, (first, *_) = addressed
    path = f"feed_targets/{user.slug}/{user.user_id}/activity_to_targets/"
    body = {"foreign_id": "a:1", "time": MOMENT, **targets}
    check_error(call_api(client, path, "post", body=body), 400, 4)
    assert read_one(user)["to"] == [first.id]


def test_only_source_feed_updates_targets(addressed, feed):
    user, (first, second, _) = addressed
    with pytest.raises(DoesNotExistException):
        feed().update_activity_to_targets("a:1", MOMENT, new_targets=[second.id])
    with pytest.raises(DoesNotExistException):
        user.update_activity_to_targets("unknown", MOMENT, new_targets=[second.id])
    assert read_one(user)["to"] == [first.id]
    assert not holds(second)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_target_updates_consistent(addressed, feed):
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


def test_add_to_many_without_fan_out(stream, feed, make):
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


def test_add_to_many_query_count_constant(stream, make, django_assert_num_queries):
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
def test_invalid_add_to_many_refused(client, body):
    check_error(
        call_api(client, "feed/add_to_many/", "post", body={"feeds": ["user:1"], **body}), 400, 4
    )
    assert not Activity.objects.exists()


def test_add_to_many_refuses_to(stream, make):
    with pytest.raises(InputException):
        stream.add_to_many(make(to=["user:2"]), ["user:1"])


# Audit log


@pytest.fixture
def audited(settings):
    settings.FEEDSERVER_AUDIT_LOG = True


def log(client, query):
    return call_api(client, "audit_logs/", query=query).json()


def test_target_updates_all_or_none(client, feed, make):
    user, target = feed(), feed()
    names = [user.add_activity(make(number))["id"] for number in range(2)]
    elsewhere = feed().add_activity(make(3))["id"]
    path = f"feed_targets/user/{user.user_id}/activity_to_targets/"

    def send(*activity_ids):
        body = [{"id": name, "added_targets": [target.id]} for name in activity_ids]
        return call_api(client, path, "post", body=body)

    check_error(send(*names, elsewhere), 404, 16)
    assert target.get()["results"] == []
    response = send(*names, names[0]).json()["results"]
    assert [first["added"] for first in response] == [[target.id], [target.id], []]
    assert len(target.get()["results"]) == 2


@pytest.mark.parametrize("value", ["", {}, 0, False])
def test_empty_value_is_not_empty_list(client, stream, feed, make, value):
    user, target = feed(), feed()
    name = user.add_activity(make(to=[target.id]))["id"]
    path = f"feed_targets/user/{user.user_id}/activity_to_targets/"
    check_error(call_api(client, path, "post", body={"id": name, "new_targets": value}), 400, 4)
    reaction_id = stream.reactions.add("like", name, "ana", target_feeds=[target.id])["id"]
    check_error(
        call_api(client, f"reaction/{reaction_id}/", "put", body={"target_feeds": value}), 400, 4
    )
    check_error(call_api(client, "feed/user/1/", "post", body=make(to=value)), 400, 4)
    assert len(target.get()["results"]) == 2


def test_log_lists_changes_of_activity(audited, client, stream, feed, make):
    user = feed()
    name = user.add_activity(make(foreign_id="a:1", time=MOMENT))["id"]
    stream.activity_partial_update(id=name, set={"a": 1})
    stream.update_activity(make(foreign_id="a:1", time=MOMENT))
    user.remove_activity(name)
    response = log(client, f"&entity_type=activity&entity_id={name}")
    actions = [row["action"] for row in response["audit_logs"]]
    assert actions == ["delete", "update", "update", "create"]
    keys = {"entity_type", "entity_id", "action", "user_id", "created_at", "custom"}
    assert response["audit_logs"][0].keys() == keys
    assert (response["next"], response["prev"]) == ("", "")


def test_log_lists_changes_of_user(audited, client, stream):
    name = stream.reactions.add("like", "an activity", "ana")["id"]
    stream.reactions.update(name, data={"a": 1})
    stream.reactions.delete(name, soft=True)
    stream.reactions.restore(name)
    stream.reactions.delete(name)
    stream.reactions.add("like", "an activity", "ben")
    actions = [row["action"] for row in log(client, "&user_id=ana")["audit_logs"]]
    assert actions == ["delete", "update", "delete", "update", "create"]


def test_log_lists_deleted_descendants(audited, client, stream):
    name = stream.reactions.add("comment", "an activity", "ana")["id"]
    stream.reactions.add_child("like", name, "ben")
    stream.reactions.delete(name)
    actions = [row["action"] for row in log(client, "&user_id=ben")["audit_logs"]]
    assert actions == ["delete", "create"]


def test_log_lists_add_to_many(audited, client, stream, feed, make):
    stream.add_to_many(make(), [feed().id, feed().id])
    assert [row["action"] for row in log(client, "&user_id=ana")["audit_logs"]] == ["create"]


def test_expired_log_entries_deleted(audited, settings, feed, make):
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


def test_log_paged_both_ways(audited, client, feed, make):
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


def test_unfiltered_log_refused(client):
    for query in ("", "&entity_type=activity", "&entity_id=1", "&user_id=ana&next=x"):
        check_error(call_api(client, "audit_logs/", query=query), 400, 4)


def test_log_disabled_by_setting(settings, feed, make):
    settings.FEEDSERVER_AUDIT_LOG = False
    feed().add_activity(make())
    assert not AuditEntry.objects.exists()


def test_numeric_foreign_id_accepted(client, feed, make):
    user = feed()
    user.add_activity(make(foreign_id=1234, time=MOMENT))
    change = {"foreign_id": 1234, "time": MOMENT, "set": {"colour": "red"}}
    assert call_api(client, "activity/", "post", body={"changes": [change]}).status_code == 201
    assert user.get()["results"][0]["colour"] == "red"

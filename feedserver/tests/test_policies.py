"""Permissions of user tokens."""

import pytest

from feedserver.models import Activity, Reaction, StreamUser
from feedserver.tests.calls import call_api, check_error, paths, send, slow
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db

MOMENT = "2026-01-02T03:04:05"
ANA = {"user_id": "ana"}


def activity(**fields):
    return {"actor": "SU:ana", "verb": "add", "object": "thing:1", **fields}


@pytest.fixture
def ana(client):
    """Return a function that sends a request with a user token of ana."""
    return lambda path, method="get", body=None, query="": call_api(
        client, path, method, claims=ANA, body=body, query=query
    )


def refused(response):
    return check_error(response, 403, 17)


def test_client_user_token_works(client, stream):
    token = stream.create_user_token("ana")
    assert send(client, "feed/user/ana/", token=token).status_code == 200
    assert send(client, "feed/timeline/ben/", token=token).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"user_id": "SU:ben"},
        {"iat": 1},
        *slow(
            {"user_id": "a b"},
            {"user_id": "a" * 256},
            {"user_id": ""},
            {"user_id": None},
            {"user_id": ["ana"]},
        ),
    ],
)
def test_token_without_valid_user_refused(client, claims):
    for path in paths():
        for method in ("get", "post", "put", "delete"):
            response = call_api(client, path, method, claims=claims, body={})
            assert response.status_code in {403, 404, 405}, (method, path)


def test_server_only_calls_refused(ana):
    refused_calls = [
        ("follow_many/", "post", []),
        ("unfollow_many/", "post", []),
        ("feed/add_to_many/", "post", {"activity": activity(), "feeds": ["user:ana"]}),
        ("activities/", "post", {"activities": []}),
        ("users/", "post", {"users": []}),
        ("users/", "delete", None),
        ("collections/", "post", {"data": {}}),
        ("collections/", "delete", None),
        ("audit_logs/", "get", None),
        ("reaction/get_many/", "get", None),
    ]
    for path, method, body in refused_calls:
        refused(ana(path, method, body, query="&user_id=ana"))


def test_user_id_like_reference_cannot_post(client):
    claims = {"user_id": "SU:ben"}
    refused(
        call_api(
            client, "feed/notification/eva/", "post", claims=claims, body=activity(actor="SU:ben")
        )
    )
    assert not Activity.objects.exists()


# Feeds


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("feed/user/ana/", 200),
        ("feed/timeline/ana/", 200),
        ("feed/notification/ana/", 200),
        ("feed/user/ben/", 200),
        ("enrich/feed/user/ben/", 200),
        ("feed/timeline/ben/", 403),
        ("feed/notification/ben/", 403),
        ("feed/user/ana/followers/", 200),
        ("feed/user/ana/following/", 200),
        ("feed/user/ben/followers/", 403),
        ("feed/timeline/ben/follows/", 403),
    ],
)
def test_users_read_own_and_public_feeds(ana, path, status):
    assert ana(path).status_code == status


def test_users_write_own_feeds_and_notify_others(ana):
    for path in ("feed/user/ana/", "feed/timeline/ana/", "feed/notification/ben/"):
        assert ana(path, "post", activity()).status_code == 201
    for path in ("feed/user/ben/", "feed/timeline/ben/"):
        refused(ana(path, "post", activity()))
    assert ana("feed/user/ana/", "post", activity(to=["notification:ben"])).status_code == 201
    refused(ana("feed/user/ana/", "post", activity(to=["notification:ben", "user:ben"])))
    refused(ana("feed/user/ana/", "post", {"activities": [activity(), activity(to=["user:ben"])]}))
    assert Activity.objects.count() == 4


def test_actor_must_be_self(ana):
    assert ana("feed/user/ana/", "post", activity(actor="ana")).status_code == 201
    for actor in ("ben", "SU:ben", "SU:SU:ana", "ana2"):
        refused(ana("feed/user/ana/", "post", activity(actor=actor)))
        refused(ana("feed/user/ana/", "post", {"activities": [activity(), activity(actor=actor)]}))
    assert Activity.objects.count() == 1


def test_cannot_overwrite_activity_of_another(ana, stream):
    sent = {"foreign_id": "a:1", "time": MOMENT}
    stream.feed("user", "ben").add_activity(activity(actor="SU:ben", **sent))
    refused(ana("feed/user/ana/", "post", activity(**sent)))
    assert Activity.objects.get().actor == "SU:ben"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cannot_overwrite_concurrently(client):
    for number in range(6):
        sent = {"foreign_id": f"a:{number}", "time": MOMENT}

        def add(user, sent=sent):
            body = activity(actor=f"SU:{user}", **sent)
            claims = {"user_id": user}
            return call_api(
                client, f"feed/user/{user}/", "post", claims=claims, body=body
            ).status_code

        responses = run_at_once([lambda user=user, add=add: add(user) for user in ("ana", "ben")])
        assert sorted(responses) == [201, 403]
        first = ("ana", "ben")[responses.index(201)]
        assert Activity.objects.get(foreign_id=f"a:{number}").actor == f"SU:{first}"


def test_users_remove_from_own_feeds_only(ana, stream):
    name = stream.feed("user", "ben").add_activity(activity(actor="SU:ben"))["id"]
    refused(ana(f"feed/user/ben/{name}/", "delete"))
    assert ana(f"feed/user/ana/{name}/", "delete").status_code == 200
    assert Activity.objects.exists()


def test_users_follow_what_they_may_read(ana, stream):
    assert ana("feed/timeline/ana/follows/", "post", {"target": "user:ben"}).status_code == 201
    refused(ana("feed/timeline/ben/follows/", "post", {"target": "user:ana"}))
    refused(ana("feed/timeline/ana/follows/", "post", {"target": "timeline:ben"}))
    assert ana("feed/timeline/ana/follows/user:ben/", "delete").status_code == 200
    refused(ana("feed/timeline/ben/follows/user:ana/", "delete"))


def test_users_mark_own_notifications(ana, stream):
    stream.feed("notification", "ana").add_activity(activity(actor="SU:ben"))
    ana("feed/notification/ana/", query="&mark_seen=true")
    assert stream.feed("notification", "ana").get()["unseen"] == 0


def test_users_count_own_follows(ana):
    query = "&followers=user:ana&following=timeline:ana"
    assert ana("stats/follow/", query=query).status_code == 200
    refused(ana("stats/follow/", query="&followers=user:ana&following=timeline:ben"))
    refused(ana("stats/follow/", query="&followers=user:ben"))


@pytest.mark.parametrize("owned", [True, False])
def test_group_not_owned_by_users(ana, stream, settings, owned):
    options = {} if owned else {"owned": False}
    settings.FEEDSERVER_GROUPS = {**settings.FEEDSERVER_GROUPS, "by_actor": {"type": "flat"}}
    settings.FEEDSERVER_GROUPS["by_actor"] |= options
    reaction = {"kind": "like", "activity_id": "1"}
    name = stream.feed("by_actor", "ana").add_activity(activity(actor="SU:ben"))["id"]
    calls = [
        ana("feed/by_actor/ana/"),
        ana("enrich/feed/by_actor/ana/"),
        ana("feed/by_actor/ana/", "post", activity()),
        ana("feed/user/ana/", "post", activity(to=["by_actor:ana"])),
        ana("reaction/", "post", {**reaction, "target_feeds": ["by_actor:ana"]}),
        ana("feed/by_actor/ana/followers/"),
        ana("feed/by_actor/ana/follows/"),
        ana("feed/by_actor/ana/follows/", "post", {"target": "user:ben"}),
        ana("feed/timeline/ana/follows/", "post", {"target": "by_actor:ana"}),
        ana("feed/by_actor/ana/follows/user:ben/", "delete"),
        ana("stats/follow/", query="&followers=by_actor:ana"),
        ana(f"feed/by_actor/ana/{name}/", "delete"),
    ]
    for response in calls:
        assert response.status_code in {200, 201} if owned else refused(response)
    assert Activity.objects.filter(actor="SU:ben").exists() is not owned
    assert ana("feed/user/ana/").status_code == 200


# Activities


def test_users_change_own_activities_only(ana, stream):
    own = stream.feed("user", "ana").add_activity(activity())["id"]
    other = stream.feed("user", "ben").add_activity(activity(actor="SU:ben"))["id"]
    assert len(ana("activities/", query=f"&ids={own},{other}").json()["results"]) == 2
    assert ana("activity/", "post", {"id": own, "set": {"a": 1}}).status_code == 201
    changes = [{"id": own, "set": {"a": 2}}, {"id": other, "set": {"a": 2}}]
    refused(ana("activity/", "post", {"changes": changes}))
    assert [row.data for row in Activity.objects.order_by("pk")] == [{"a": 1}, {}]


def test_users_update_targets_of_own_activities(ana, stream):
    sent = {"foreign_id": "a:1", "time": MOMENT}
    stream.feed("user", "ana").add_activity(activity(**sent))
    path = "feed_targets/user/ana/activity_to_targets/"
    body = {**sent, "added_targets": ["notification:ben"]}
    assert ana(path, "post", body).status_code == 201
    refused(ana(path, "post", {**sent, "added_targets": ["user:ben"]}))
    refused(ana(path.replace("ana", "ben"), "post", body))
    other = {"foreign_id": "b:1", "time": MOMENT}
    stream.feed("user", "ben").add_activity(activity(actor="SU:ben", to=["user:ana"], **other))
    refused(ana(path, "post", {**other, "new_targets": []}))


# Reactions


def test_users_react_for_themselves(ana):
    body = {"kind": "like", "activity_id": "1"}
    assert ana("reaction/", "post", body).json()["user_id"] == "ana"
    assert ana("reaction/", "post", {**body, "user_id": "ana"}).status_code == 201
    refused(ana("reaction/", "post", {**body, "user_id": "ben"}))
    refused(ana("reaction/", "post", {**body, "target_feeds": ["user:ben"]}))
    body["target_feeds"] = ["notification:ben", "user:ana"]
    assert ana("reaction/", "post", body).status_code == 201
    assert Reaction.objects.count() == 3


def test_users_change_own_reactions_only(ana, stream):
    own = stream.reactions.add("like", "1", "ana")["id"]
    other = stream.reactions.add("like", "1", "ben")["id"]
    assert ana(f"reaction/{other}/").status_code == 200
    assert len(ana("reaction/activity_id/1/").json()["results"]) == 2
    refused(ana(f"reaction/{other}/", "put", {"data": {"a": 1}}))
    refused(ana(f"reaction/{other}/", "delete"))
    stream.reactions.delete(other, soft=True)
    refused(ana(f"reaction/{other}/restore/", "put"))
    refused(ana(f"reaction/{own}/", "put", {"target_feeds": ["user:ben"]}))
    assert ana(f"reaction/{own}/", "put", {"data": {"a": 1}}).status_code == 201
    assert ana(f"reaction/{own}/", "delete").status_code == 200
    check_error(ana(f"reaction/{own}/", "delete"), 404, 16)


def test_reaction_activity_cannot_be_forged(ana, stream):
    reaction = stream.reactions.add("like", "1", "ben", target_feeds=["notification:ana"])
    forged = activity(foreign_id=f"reaction:{reaction['id']}", time=reaction["created_at"])
    refused(ana("feed/user/ana/", "post", forged))


# Users and objects


def test_users_change_themselves_only(ana, stream):
    stream.users.add("ben", {"name": "Ben"})
    assert ana("user/", "post", {"id": "ana", "data": {"name": "Ana"}}).status_code == 201
    assert ana("user/ana/", "put", {"data": {"name": "A"}}).status_code == 201
    assert ana("user/ben/").json()["data"] == {"name": "Ben"}
    refused(ana("user/", "post", {"id": "eva"}))
    refused(ana("user/", "post", {"data": {}}))
    refused(ana("user/", "post", {"id": "ben"}, query="&get_or_create=true"))
    refused(ana("user/ben/", "put", {"data": {}}))
    refused(ana("user/ben/", "delete"))
    assert ana("user/ana/", "delete").status_code == 200
    assert StreamUser.objects.get().pk == "ben"


def test_users_change_own_objects_only(ana, stream):
    stream.collections.add("food", {"name": "rye"}, id="1", user_id="ben")
    stream.collections.add("food", {"name": "oat"}, id="2")
    body = {"id": "3", "data": {"name": "bread"}}
    refused(ana("collections/food/", "post", {**body, "user_id": "ben"}))
    assert ana("collections/food/", "post", body).status_code == 201
    for name in ("1", "2"):
        assert ana(f"collections/food/{name}/").status_code == 200
        refused(ana(f"collections/food/{name}/", "put", {"data": {"name": "mine"}}))
        refused(ana(f"collections/food/{name}/", "delete"))
    assert ana("collections/food/3/", "put", {"data": {"name": "new"}}).status_code == 201
    assert ana("collections/food/3/", "delete").status_code == 200
    check_error(ana("collections/food/3/", "delete"), 404, 16)


def test_numeric_user_id_accepted(client):
    assert call_api(client, "feed/timeline/7/", claims={"user_id": 7}).status_code == 200
    body = {"id": 7}
    assert call_api(client, "user/", "post", claims={"user_id": 7}, body=body).status_code == 201
    assert call_api(client, "feed/timeline/1/", claims={"user_id": True}).status_code == 403

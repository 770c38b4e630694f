"""Each limit in feedserver/README.md: the maximum is accepted, one more is refused."""

import json

import pytest

from feedserver.tests.calls import call_api, check_error

pytestmark = pytest.mark.django_db

ACTIVITY = {"actor": "ana", "verb": "add", "object": "thing:1"}
TIMED = {**ACTIVITY, "foreign_id": "a:1", "time": "2026-01-02T03:04:05"}
SMALLEST = len(json.dumps({**ACTIVITY, "x": ""}, separators=(",", ":")))
NAME = {"foreign_id": "a:1", "time": "2026-01-02T03:04:05"}
FEED, REACTIONS = "feed/user/1/", "reaction/"


def feeds(number):
    return [f"user:{place}x" for place in range(number)]


def follows(number):
    return [{"source": f"timeline:{place}", "target": "user:1"} for place in range(number)]


def reaction(**fields):
    return {"kind": "like", "activity_id": "1", "user_id": "ana", **fields}


def change(**fields):
    return {**NAME, "set": {"a": 1}, **fields}


def sized(number):
    """Return an object of this size in bytes."""
    return {"x": "y" * (number - len('{"x":""}'))}


def objects(number):
    return [{"id": str(place)} for place in range(number)]


BODIES = {
    "bytes of a verb": (FEED, 255, lambda n: {**ACTIVITY, "verb": "v" * n}),
    "bytes of a foreign id": (
        FEED,
        255,
        lambda n: {**ACTIVITY, "foreign_id": "é" * (n // 2) + "a" * (n % 2)},
    ),
    "bytes of an activity": (FEED, 10_240, lambda n: {**ACTIVITY, "x": "y" * (n - SMALLEST)}),
    "targets": (FEED, 100, lambda n: {**ACTIVITY, "to": feeds(n)}),
    "activities added": (FEED, 100, lambda n: {"activities": [ACTIVITY] * n}),
    "activities updated": ("activities/", 100, lambda n: {"activities": [TIMED] * n}),
    "activities changed": ("activity/", 100, lambda n: {"changes": [change()] * n}),
    "fields set": ("activity/", 25, lambda n: change(set={f"a{place}": 1 for place in range(n)})),
    "fields unset": ("activity/", 25, lambda n: change(unset=[f"a{place}" for place in range(n)])),
    "feeds of one activity": (
        "feed/add_to_many/",
        5000,
        lambda n: {"activity": ACTIVITY, "feeds": feeds(n)},
    ),
    "follows": ("follow_many/", 2500, follows),
    "unfollows": ("unfollow_many/", 2500, follows),
    "users": ("users/", 1000, lambda n: {"users": objects(n)}),
    "objects": ("collections/", 1000, lambda n: {"data": {"food": objects(n)}}),
    "target feeds": (REACTIONS, 20, lambda n: reaction(target_feeds=feeds(n))),
    "characters of a kind": (REACTIONS, 255, lambda n: reaction(kind="k" * n)),
    "bytes of a user": ("user/", 10_240, lambda n: {"id": "1", "data": sized(n)}),
    "bytes of one of many users": (
        "users/",
        10_240,
        lambda n: {"users": [{"id": "1", "data": sized(n)}]},
    ),
    "bytes of an object": ("collections/food/", 10_240, lambda n: {"id": str(n), "data": sized(n)}),
    "bytes of one of many objects": (
        "collections/",
        10_240,
        lambda n: {"data": {"food": [{"id": "1", **sized(n)}]}},
    ),
    "bytes of a reaction": (REACTIONS, 10_240, lambda n: reaction(data=sized(n))),
    "bytes of extra data": (
        REACTIONS,
        10_240,
        lambda n: reaction(target_feeds_extra_data=sized(n)),
    ),
    "nesting": ("user/", 100, lambda n: {"id": "1", "data": nested(n - 1)}),
}


def nested(depth):
    return {"a": nested(depth - 1)} if depth > 1 else {}


# They write thousands of rows.
SLOW = {"feeds of one activity", "follows", "unfollows"}


@pytest.mark.parametrize(
    ("path", "limit", "body"),
    [
        pytest.param(*case, id=name, marks=pytest.mark.slow if name in SLOW else ())
        for name, case in BODIES.items()
    ],
)
def test_body_at_limit_accepted_above_refused(client, path, limit, body):
    call_api(client, FEED, "post", body=TIMED)
    assert call_api(client, path, "post", body=body(limit)).status_code == 201
    check_error(call_api(client, path, "post", body=body(limit + 1)), 400, 4)


QUERIES = {
    "ids of activities": ("activities/", 100, "ids", "get"),
    "ids of reactions": ("reaction/get_many/", 100, "ids", "get"),
    "ids of users": ("users/", 1000, "ids", "get"),
    "users deleted": ("users/", 1000, "ids", "delete"),
    "ids of objects": ("collections/", 1000, "foreign_ids", "get"),
    "ids to mark": ("feed/notification/1/", 100, "mark_seen", "get"),
    "feeds to filter by": ("feed/user/1/followers/", 500, "filter", "get"),
}


@pytest.mark.parametrize(("path", "limit", "name", "method"), QUERIES.values(), ids=QUERIES)
def test_list_at_limit_accepted_above_refused(client, path, limit, name, method):
    value = "food:1" if name == "foreign_ids" else "user:1" if name == "filter" else "1"
    for number, status in ((limit, 200), (limit + 1, 400)):
        query = f"&{name}={','.join([value] * number)}"
        assert call_api(client, path, method, query=query).status_code == status


@pytest.mark.parametrize(("path", "most"), [("feed/user/1/", 100), ("reaction/activity_id/1/", 25)])
def test_page_size_limited(client, path, most):
    for start in (0, 100):
        many = [{**ACTIVITY, "object": f"thing:{start + place}"} for place in range(100)]
        call_api(client, FEED, "post", body={"activities": many})
    for _ in range(30):
        call_api(client, REACTIONS, "post", body=reaction())
    assert len(call_api(client, path, query="&limit=1000").json()["results"]) == most


def test_activity_cannot_grow_beyond_limit(client):
    call_api(client, FEED, "post", body=TIMED)
    for name in "abc":
        response = call_api(client, "activity/", "post", body=change(set={name: "x" * 4000}))
    check_error(response, 400, 4)
    (read,) = call_api(client, FEED).json()["results"]
    assert "c" not in read


def test_large_body_gives_413(client):
    body = {"id": "1", "ignored": "x" * 2_500_000}
    assert call_api(client, "user/", "post", body=body).status_code == 201
    body["ignored"] *= 2
    check_error(call_api(client, "user/", "post", body=body), 413, 18)

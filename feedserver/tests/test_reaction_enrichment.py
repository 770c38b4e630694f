"""Activities with their reactions, in every kind of read."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedserver.tests.calls import call_api, check_error, query_plan, sign, slow

pytestmark = pytest.mark.django_db

ALL = {"own": True, "recent": True, "counts": True}
KEYS = {"own_reactions", "latest_reactions", "latest_reactions_extra", "reaction_counts"}


@pytest.fixture(params=["user", "aggregated", "notification"])
def anywhere(request, feed, stream):
    """Return a feed of each type, and a function that reads its only activity."""
    activity_feed = feed(request.param)

    def read(reactions=None, **options):
        (row,) = activity_feed.get(reactions=reactions or ALL, **options)["results"]
        (activity,) = row.get("activities", [row])
        return activity

    return activity_feed, read


def ids_of(rows):
    return [row["id"] for row in rows]


def test_reactions_added_on_demand(stream, anywhere, make):
    activity_feed, read = anywhere
    name = activity_feed.add_activity(make())["id"]
    like = stream.reactions.add("like", name, "ana")
    older, newer = (stream.reactions.add("comment", name, "ben") for _ in range(2))
    activity = read(user_id="ana")
    assert activity["reaction_counts"] == {"comment": 2, "like": 1}
    assert ids_of(activity["latest_reactions"]["comment"]) == ids_of([newer, older])
    assert ids_of(activity["own_reactions"]["like"]) == [like["id"]]
    assert activity["latest_reactions_extra"] == {"comment": {"next": ""}, "like": {"next": ""}}
    latest = activity["latest_reactions"]["like"][0]
    assert {**latest, "duration": ""} == {**like, "duration": ""}
    assert KEYS.isdisjoint(activity_feed.get(enrich=True)["results"][0])


@pytest.mark.parametrize(
    ("flag", "keys"),
    [
        ("own", {"own_reactions"}),
        ("recent", {"latest_reactions", "latest_reactions_extra"}),
        ("counts", {"reaction_counts"}),
    ],
)
def test_only_requested_keys_added(anywhere, make, flag, keys):
    activity_feed, read = anywhere
    activity_feed.add_activity(make())
    activity = read({flag: True})
    assert KEYS & activity.keys() == keys
    assert all(activity[key] == {} for key in keys)


def test_kinds_filter_applies_to_all_keys(stream, feed, make):
    activity_feed = feed()
    name = activity_feed.add_activity(make())["id"]
    for kind in ("like", "comment", "share"):
        stream.reactions.add(kind, name, "ana")
    flags = {**ALL, "kinds": ["like", "share"]}
    (activity,) = activity_feed.get(reactions=flags, user_id="ana")["results"]
    for key in KEYS:
        assert activity[key].keys() == {"like", "share"}


def test_newest_five_of_each_kind_and_next(client, stream, feed, make):
    activity_feed = feed()
    name = activity_feed.add_activity(make())["id"]
    likes = [stream.reactions.add("like", name, f"u{number}") for number in range(7)]
    for number in range(5):
        stream.reactions.add("a kind?of", name, f"u{number}")
    (activity,) = activity_feed.get(reactions=ALL)["results"]
    assert ids_of(activity["latest_reactions"]["like"]) == ids_of(likes[:1:-1])
    assert activity["latest_reactions_extra"]["a kind?of"] == {"next": ""}
    address = urlsplit(activity["latest_reactions_extra"]["like"]["next"])
    assert address.scheme.startswith("http")
    assert dict(parse_qsl(address.query)) == {
        "id_lt": likes[2]["id"],
        "limit": "5",
        "withOwnChildren": "false",
    }
    path = address.path.removeprefix("/api/v1.0/")
    rest = call_api(client, path, query=f"&{address.query}").json()["results"]
    assert ids_of(rest) == ids_of(likes[1::-1])


def test_limit_in_every_spelling(stream, feed, make):
    activity_feed = feed()
    name = activity_feed.add_activity(make())["id"]
    for number in range(27):
        stream.reactions.add("like", name, f"u{number}")
    for parameter, limit, latest in [
        ("recentReactionsLimit", 2, 2),
        ("recent_reactions_limit", 3, 3),
        ("reaction_limit", 4, 4),
        ("recentReactionsLimit", 100, 25),
    ]:
        (activity,) = activity_feed.get(reactions={"recent": True}, **{parameter: limit})["results"]
        assert len(activity["latest_reactions"]["like"]) == latest


def test_snake_case_flags_accepted(client, stream, feed, make):
    activity_feed = feed()
    name = activity_feed.add_activity(make())["id"]
    stream.reactions.add("like", name, "ana")
    query = "&with_reaction_counts=true&with_own_reactions=true&user_id=ana"
    path = f"enrich/feed/{activity_feed.slug}/{activity_feed.user_id}/"
    (activity,) = call_api(client, path, query=query).json()["results"]
    assert activity["reaction_counts"] == {"like": 1}
    assert activity["own_reactions"].keys() == {"like"}


def test_own_reactions_of_token_user(client, stream, make):
    name = stream.feed("user", "ana").add_activity(make(actor="ana"))["id"]
    stream.reactions.add("like", name, "ana")
    query = "&withOwnReactions=true&user_id=ben"
    token = {"user_id": "ana"}
    (row,) = call_api(client, "enrich/feed/user/ana/", query=query, claims=token).json()["results"]
    assert row["own_reactions"].keys() == {"like"}
    (row,) = call_api(client, "enrich/feed/user/ana/", query=query).json()["results"]
    assert row["own_reactions"] == {}


@pytest.mark.parametrize("name", ["withUserId", "with_user_id", "user_id"])
def test_own_reactions_of_requested_user(client, stream, make, name):
    added = stream.feed("user", "1").add_activity(make())["id"]
    reaction = stream.reactions.add("like", added, "ana")["id"]
    for user, expected in (("ana", {"like": [reaction]}), ("ben", {})):
        query = f"&withOwnReactions=true&{name}={user}"
        (row,) = call_api(client, "enrich/feed/user/1/", query=query).json()["results"]
        own = {kind: [one["id"] for one in same] for kind, same in row["own_reactions"].items()}
        assert own == expected


def test_zero_count_kept(stream, feed, make):
    activity_feed = feed()
    name = activity_feed.add_activity(make())["id"]
    stream.reactions.delete(stream.reactions.add("like", name, "ana")["id"])
    (activity,) = activity_feed.get(reactions=ALL)["results"]
    assert activity["reaction_counts"] == {"like": 0}
    assert activity["latest_reactions"] == activity["latest_reactions_extra"] == {}


def test_referenced_activity_enriched_with_reactions(stream, feed, make):
    user = stream.users.add("ana", {"name": "Ana"})
    del user["duration"]
    first = feed().add_activity(make(actor="SU:ana", target="SA:1"))
    target = feed("notification")
    like = stream.reactions.add("like", first["id"], "ana", target_feeds=[target.id])
    (group,) = target.get(reactions=ALL)["results"]
    (activity,) = group["activities"]
    assert activity["actor"] == activity["object"]["actor"] == user
    assert activity["object"]["reaction_counts"] == {"like": 1}
    assert activity["object"]["target"] == "SA:1"
    assert activity["reaction"]["id"] == like["id"]
    assert activity["reaction"]["user"] == user
    assert activity["reaction_counts"] == {}


def test_activities_by_id_enriched(stream, feed, make):
    moment = "2026-01-02T03:04:05.000100"
    activity_feed = feed().add_activity(make(foreign_id="a:1", time=moment))
    stream.reactions.add("like", activity_feed["id"], "ana")
    for selection in (
        {"ids": [activity_feed["id"]]},
        {"foreign_id_times": [("a:1", activity_feed["time"])]},
    ):
        (activity,) = stream.get_activities(reactions=ALL, **selection)["results"]
        assert activity["reaction_counts"] == {"like": 1}
        (plain,) = stream.get_activities(**selection)["results"]
        assert KEYS.isdisjoint(plain)


@pytest.mark.parametrize("slug", ["notification", *slow("user", "aggregated")])
def test_enriched_query_count_constant(stream, feed, make, slug):
    activity_feed = feed(slug)
    for number in range(3):
        name = activity_feed.add_activity(make(number, actor="SU:ana", verb=f"v{number}"))["id"]
        for kind in ("like", "comment"):
            reaction = stream.reactions.add(kind, name, f"u{number}")
            for _ in range(number + 1):
                below = stream.reactions.add_child("like", reaction["id"], "ana")
                stream.reactions.add_child("like", below["id"], "ana")
    counts = set()
    for limit in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            rows = activity_feed.get(
                reactions=ALL, withOwnChildren=True, user_id="ana", limit=limit
            )
        assert len(rows["results"]) == limit
        counts.add(len(queries))
    assert len(counts) == 1
    assert counts.pop() <= 15


def test_newest_reactions_use_index(stream, feed, make):
    activity_feed = feed()
    name = activity_feed.add_activity(make())["id"]
    for number in range(3):
        reaction = stream.reactions.add("like", name, f"u{number}")
        stream.reactions.add_child("like", reaction["id"], "ana")
    with CaptureQueriesContext(connection) as queries:
        activity_feed.get(reactions={"recent": True})
    newest, children = [query["sql"] for query in queries if "requested" in query["sql"]]
    plans = [query_plan(newest), query_plan(children)]
    if connection.vendor == "sqlite":
        # The bound of each kind, or of each parent, is a condition of the index.
        assert all("id>?" in plan for plan in plans)
        assert "reaction_by_kind" in plans[0]
        assert "reaction_by_subject" in plans[1]
    else:
        # PostgreSQL may use any index of so small a table; each kind or parent has a limit.
        assert all("->Limit" in plan and "IndexScan" in plan for plan in plans)


def test_read_only_token_gets_reactions(client, stream, make):
    name = stream.feed("user", "1").add_activity(make())["id"]
    stream.reactions.add("like", name, "ana")
    claims = {"resource": "*", "action": "read", "feed_id": "user1"}
    query = "&withReactionCounts=true"
    (row,) = call_api(client, "enrich/feed/user/1/", query=query, claims=claims).json()["results"]
    assert row["reaction_counts"] == {"like": 1}


@pytest.mark.parametrize(
    "query",
    [
        "&withOwnReactions=perhaps",
        "&recentReactionsLimit=many",
        "&reactionKindsFilter=" + ",".join("abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_bad_flags_refused(client, query):
    check_error(call_api(client, "enrich/feed/user/1/", query=query), 400, 4)


def test_invalid_host_accepted(client, stream, make):
    name = stream.feed("user", "1").add_activity(make())["id"]
    for number in range(6):
        stream.reactions.add("like", name, f"u{number}")
    query = "&withRecentReactions=true"
    response = call_api(client, "enrich/feed/user/1/", query=query, host="a b/c")
    assert response.json()["results"][0]["latest_reactions_extra"]["like"]["next"]


def test_many_references_accepted(feed, make):
    activity_feed = feed()
    for number in range(3):
        fields = {f"f{place}": f"SR:{number}-{place}" for place in range(300)}
        activity_feed.add_activity(make(number, **fields))
    rows = activity_feed.get(enrich=True)["results"]
    replaced = [value for row in rows for value in row.values() if isinstance(value, dict)]
    assert len(replaced) == 60


def test_tokens_not_in_addresses(client, stream, make):
    name = stream.feed("user", "1").add_activity(make())["id"]
    for number in range(12):
        stream.reactions.add("like", name, f"u{number}")
    token = sign({"user_id": "ana"})
    response = call_api(client, f"reaction/activity_id/{name}/", query="&location=user")
    assert response.json()["next"]
    assert token not in response.content.decode()
    assert "api_key" not in response.content.decode()

"""Every public method of the official Python client, synchronous and asynchronous, over HTTP."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from stream.exceptions import ApiKeyException, InputException, StreamApiException

from tests.conformance.conftest import new_id

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def activity(number=1, **fields):
    return {"actor": "ana", "verb": "add", "object": f"thing:{number}", **fields}


def named(number=1, **fields):
    """Return an activity with a foreign id and a time."""
    time = MOMENT + timedelta(minutes=number)
    return activity(number, foreign_id=f"{new_id()}:{number}", time=time, **fields)


def objects(feed, **options):
    return [row["object"] for row in feed.get(**options)["results"]]


def claims(client, token):
    return jwt.decode(token, client.api_secret, algorithms=["HS256"])


# Feeds ------------------------------------------------------------------------------------------


def test_add_and_read_activity(feed):
    user = feed()
    added = user.add_activity(activity(3, target="", custom={"a": [1]}))
    (read,) = user.get()["results"]
    assert {name: added[name] for name in read} == read
    assert read["custom"] == {"a": [1]}
    assert read["time"].tzinfo


def test_add_activities_in_order(feed):
    user = feed()
    answer = user.add_activities([activity(number) for number in range(3)])
    assert [row["object"] for row in answer["activities"]] == ["thing:0", "thing:1", "thing:2"]
    assert objects(user) == ["thing:2", "thing:1", "thing:0"]
    assert objects(user, limit=1, id_lt=answer["activities"][1]["id"]) == ["thing:0"]
    assert user.get(limit=1)["next"].startswith("/api/v1.0/feed/user/")


def test_add_with_target_feeds(client, feed):
    user, other = feed(), feed("flat")
    assert other.add_to_signature([user.id])[0].startswith(f"{user.id} ")
    user.add_activity(activity(to=[other.id]))
    assert objects(other) == ["thing:1"]


def test_remove_by_id_and_foreign_id(feed):
    user, sent = feed(), named()
    first = user.add_activity(activity(2))["id"]
    user.add_activity(sent)
    assert user.remove_activity(first)["removed"] == first
    assert user.remove_activity(foreign_id=sent["foreign_id"])["removed"] == sent["foreign_id"]
    assert objects(user) == []
    assert user.remove_activity(first)["duration"]


def test_follow_and_unfollow(feed):
    user, follower = feed(), feed("timeline")
    user.add_activity(activity())
    follower.follow(user.slug, user.user_id)
    assert objects(follower) == ["thing:1"]
    (row,) = follower.following(feeds=[user.id])["results"]
    assert (row["feed_id"], row["target_id"]) == (follower.id, user.id)
    assert user.followers(limit=1)["results"] == [row]
    follower.unfollow(user.slug, user.user_id)
    assert objects(follower) == []
    assert follower.following()["results"] == user.followers()["results"] == []


def test_copy_limit_and_keep_history(feed):
    user, follower = feed(), feed("timeline")
    user.add_activity(activity(1))
    follower.follow(user.slug, user.user_id, activity_copy_limit=0)
    user.add_activity(activity(2))
    follower.unfollow(user.slug, user.user_id, keep_history=True)
    assert objects(follower) == ["thing:2"]


def test_aggregated_and_notification_feeds(feed):
    for slug in ("aggregated", "notification"):
        grouped = feed(slug)
        grouped.add_activities([activity(1), activity(2, actor="ben")])
        answer = grouped.get()
        (group,) = answer["results"]
        assert (group["activity_count"], group["actor_count"]) == (2, 2)
    assert (answer["unseen"], answer["unread"]) == (1, 1)
    grouped.get(mark_seen=True, mark_read=[group["id"]])
    assert grouped.get()["unseen"] == grouped.get()["unread"] == 0


def test_update_to_targets(feed):
    user, one, two = feed(), feed("flat"), feed("flat")
    sent = named(to=[one.id])
    user.add_activity(sent)
    answer = user.update_activity_to_targets(
        sent["foreign_id"], sent["time"], added_targets=[two.id], removed_targets=[one.id]
    )
    assert answer["activity"]["to"] == answer["added"] == [two.id]
    assert answer["removed"] == [one.id]
    assert (objects(one), objects(two)) == ([], ["thing:1"])
    user.update_activity_to_targets(sent["foreign_id"], sent["time"], new_targets=[one.id])
    assert (objects(one), objects(two)) == (["thing:1"], [])


def test_feed_tokens(client, feed):
    user = feed()
    assert claims(client, user.get_readonly_token()) == {
        "resource": "*",
        "action": "read",
        "feed_id": f"user{user.user_id}",
    }
    assert claims(client, user.create_scope_token("feed", "write"))["action"] == "write"


# Activities and many feeds at once ----------------------------------------------------------------


def test_add_to_many(client, feed):
    feeds = [feed() for _ in range(3)]
    client.add_to_many(activity(), [row.id for row in feeds])
    assert [objects(row) for row in feeds] == [["thing:1"]] * 3


def test_follow_many_and_unfollow_many(client, feed):
    user, followers = feed(), [feed("timeline") for _ in range(3)]
    user.add_activities([activity(number) for number in range(3)])
    pairs = [{"source": row.id, "target": user.id} for row in followers]
    client.follow_many(pairs, activity_copy_limit=2)
    assert [objects(row) for row in followers] == [["thing:2", "thing:1"]] * 3
    client.unfollow_many([*pairs[:1], {**pairs[1], "keep_history": True}])
    assert [len(objects(row)) for row in followers] == [0, 2, 2]
    assert len(user.followers()["results"]) == 1
    with pytest.raises(InputException):
        client.unfollow_many([{"source": followers[2].id, "target": 42}])


def test_follow_stats(client, feed):
    user, other = feed(), feed("timeline")
    other.follow(user.slug, user.user_id)
    counts = client.follow_stats(user.id, followers_slugs=["timeline"])["results"]
    assert counts["followers"] == {"feed": user.id, "count": 1}
    assert counts["following"]["count"] == 0
    counts = client.follow_stats(user.id, followers_slugs=["user"], following_slugs=["user"])
    assert counts["results"]["followers"]["count"] == 0


def test_get_by_id_and_foreign_id(client, feed):
    user, sent = feed(), named()
    added = user.add_activity(sent)
    (by_id,) = client.get_activities(ids=[added["id"], new_id()])["results"]
    pair = (sent["foreign_id"], sent["time"])
    (by_foreign_id,) = client.get_activities(foreign_id_times=[pair])["results"]
    assert by_id == by_foreign_id == user.get()["results"][0]


def test_update_activities(client, feed):
    user, one, two = feed(), named(1, colour="red"), named(2)
    user.add_activities([one, two])
    client.update_activities([{**one, "object": "thing:9"}, {**two, "object": "thing:8"}])
    client.update_activity({**two, "object": "thing:7"})
    assert objects(user) == ["thing:7", "thing:9"]
    assert user.get()["results"][1]["colour"] == "red"
    with pytest.raises(InputException):
        client.update_activities([activity()])


def test_partial_update(client, feed):
    user, sent = feed(), named(product={"price": 2, "name": "boots"}, colour="red")
    added = user.add_activity(sent)
    client.activity_partial_update(id=added["id"], set={"product.price": 3}, unset=["colour"])
    (read,) = user.get()["results"]
    assert read["product"] == {"price": 3, "name": "boots"}
    assert "colour" not in read
    change = {"foreign_id": sent["foreign_id"], "time": sent["time"], "set": {"new": {"a": 1}}}
    (changed,) = client.activities_partial_update([change])["activities"]
    assert changed["new"] == user.get()["results"][0]["new"] == {"a": 1}


# Users, objects and enrichment --------------------------------------------------------------------


def test_users(client):
    name = new_id()
    added = client.users.add(name, {"name": "Ana"})
    assert added["data"] == {"name": "Ana"}
    with pytest.raises(StreamApiException) as refused:
        client.users.add(name)
    assert refused.value.status_code == 409
    assert client.users.add(name, {"name": "Eve"}, get_or_create=True)["data"] == {"name": "Ana"}
    client.users.update(name, {"name": "Ann"})
    assert client.users.get(name, with_follow_counts=True)["followers_count"] == 0
    assert client.users.get(name)["data"] == {"name": "Ann"}
    client.users.delete(name)
    with pytest.raises(StreamApiException) as refused:
        client.users.get(name)
    assert refused.value.status_code == 404


def test_objects(client):
    name = new_id()
    added = client.collections.add("food", {"name": "Bun"}, id=name, user_id="ana")
    assert added["foreign_id"] == f"food:{name}"
    assert len(client.collections.add("food", {"name": "Rice"})["id"]) == 36
    client.collections.update("food", name, {"name": "Burger"})
    assert client.collections.get("food", name)["data"] == {"name": "Burger"}
    client.collections.delete("food", name)
    with pytest.raises(StreamApiException) as refused:
        client.collections.get("food", name)
    assert refused.value.status_code == 404


def test_many_objects(client):
    one, two = new_id(), new_id()
    client.collections.upsert("food", [{"id": one, "name": "Bun"}, {"id": two, "name": "Rice"}])
    client.collections.upsert("food", {"id": one, "name": "Burger"})
    rows = client.collections.select("food", [one, two])["response"]["data"]
    assert {row["id"]: row["data"]["name"] for row in rows} == {one: "Burger", two: "Rice"}
    client.collections.delete_many("food", [one, two])
    assert client.collections.select("food", [one, two])["response"]["data"] == []


def test_enrichment(client, feed):
    user, name = feed(), new_id()
    person = client.users.add(name, {"name": "Ana"})
    entry = client.collections.add("food", {"name": "Bun"}, id=name)
    thing = client.collections.create_reference(entry=entry)
    assert thing == client.collections.create_reference("food", name) == f"SO:food:{name}"
    reference = client.users.create_reference(person)
    user.add_activity(activity(actor=reference, object=thing, target="SU:nobody"))
    (read,) = user.get(enrich=True)["results"]
    assert (read["actor"]["data"], read["object"]["data"]) == ({"name": "Ana"}, {"name": "Bun"})
    assert read["target"]["error"] == "ReferenceNotFound"


# Reactions ----------------------------------------------------------------------------------------


@pytest.fixture
def reacted(client, feed):
    """Return a feed, its one activity and a reaction to it."""
    user = feed()
    added = user.add_activity(activity())
    return user, added, client.reactions.add("like", added["id"], "ana", data={"a": 1})


def test_reactions(client, reacted):
    _, added, reaction = reacted
    assert (reaction["kind"], reaction["activity_id"]) == ("like", added["id"])
    client.reactions.update(reaction["id"], data={"a": 2})
    assert client.reactions.get(reaction["id"])["data"] == {"a": 2}
    client.reactions.delete(reaction["id"], soft=True)
    assert client.reactions.get(reaction["id"])["deleted_at"]
    client.reactions.restore(reaction["id"])
    assert "deleted_at" not in client.reactions.get(reaction["id"])
    client.reactions.delete(reaction["id"])
    with pytest.raises(StreamApiException) as refused:
        client.reactions.get(reaction["id"])
    assert refused.value.status_code == 404


def test_child_reactions_and_lists(client, reacted):
    _, added, reaction = reacted
    child = client.reactions.add_child("heart", reaction["id"], "ben")
    assert child["parent"] == reaction["id"]
    for condition in ({"activity_id": added["id"]}, {"reaction_id": reaction["id"]}):
        assert len(client.reactions.filter(**condition)["results"]) == 1
    listed = client.reactions.filter(kind="like", activity_id=added["id"], limit=1)["results"]
    assert [row["id"] for row in listed] == [reaction["id"]]
    assert listed[0]["children_counts"] == {"heart": 1}


def test_reactions_in_activities(client, reacted):
    user, added, reaction = reacted
    options = {"reactions": {"recent": True, "counts": True, "own": True}, "user_id": "ana"}
    (read,) = user.get(**options)["results"]
    assert read["reaction_counts"] == {"like": 1}
    assert read["latest_reactions"]["like"][0]["id"] == reaction["id"]
    assert read["own_reactions"]["like"][0]["id"] == reaction["id"]
    (read,) = client.get_activities(ids=[added["id"]], reactions={"counts": True})["results"]
    assert read["reaction_counts"] == {"like": 1}


def test_reaction_with_target_feeds(client, feed, reacted):
    _, added, _ = reacted
    target = feed("notification")
    client.reactions.add(
        "comment", added["id"], "ben", target_feeds=[target.id], target_feeds_extra_data={"x": 1}
    )
    (group,) = target.get()["results"]
    (row,) = group["activities"]
    assert (row["actor"], row["verb"], row["x"]) == ("SU:ben", "comment", 1)


# Other services ---------------------------------------------------------------------------------


def test_analytics(client):
    content = {"content": "1", "label": "click", "features": [], "user_data": "ana"}
    client.track_engagements([content])
    client.track_impressions([{"content_list": ["1"], "user_data": "ana"}])


def test_redirect_url(client):
    address = client.create_redirect_url("https://example.org/a?b=c", "ana", [{"label": "click"}])
    query = parse_qs(urlsplit(address).query)
    assert query["url"] == ["https://example.org/a?b=c"]
    assert claims(client, query["authorization"][0])["resource"] == "redirect_and_track"


def test_unsupported_services(client):
    for call in (
        lambda: client.og("https://example.org/"),
        lambda: client.personalization.get("follow_recommendations", user_id="ana"),
        lambda: client.personalization.post("meta", data="accepted"),
        lambda: client.personalization.delete("meta", user_id="ana"),
    ):
        with pytest.raises(StreamApiException) as refused:
            call()
        assert 400 <= refused.value.status_code < 500
        assert refused.value.detail


def test_low_level_calls(client, server):
    """Check URLs, headers, tokens and the four HTTP methods."""
    name, token = new_id(), client.create_jwt_token("*", "*", feed_id="*")
    assert client.get_full_url("api", "feed/").startswith(server.address)
    assert client.get_default_params() == {"api_key": server.key}
    assert client.get_default_header()["X-Stream-Client"] == client.get_user_agent()
    assert client.get(f"feed/user/{name}/", token)["results"] == []
    client.post("user/", token, data={"id": name})
    client.put(f"user/{name}/", token, data={"data": {"a": 1}})
    client.delete(f"user/{name}/", token)


def test_user_token(client, feed):
    user = feed()
    user.add_activity(activity())
    token = client.create_user_token(user.user_id, extra="x")
    assert claims(client, token) == {"user_id": user.user_id, "extra": "x"}
    assert len(client.get(f"feed/user/{user.user_id}/", token)["results"]) == 1


def test_error_classes(client, feed):
    with pytest.raises(ApiKeyException):
        client.raise_exception({"code": 2, "detail": "api_key not found"}, 401)
    with pytest.raises(InputException):
        feed().add_activity({"actor": "ana"})
    with pytest.raises(StreamApiException) as refused:
        client.get("feed/nowhere/1/", client.create_jwt_token("*", "*", feed_id="*"))
    assert type(refused.value).__name__ == "FeedConfigException"

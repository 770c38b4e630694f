"""Reactions, through the official client."""

from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from stream.exceptions import DoesNotExistException, InputException, StreamApiException

from feedserver.models import Reaction, ReactionCount
from feedserver.tests.calls import call_api, check_error
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db

ACTIVITY = "54a60c1e-4ee3-494b-a1e3-50c06acb5ed4"
KEYS = {
    "id",
    "kind",
    "activity_id",
    "user_id",
    "user",
    "data",
    "created_at",
    "updated_at",
    "parent",
    "latest_children",
    "children_counts",
    "duration",
}


@pytest.fixture
def react(stream):
    """Return a function that adds a reaction, by default to `ACTIVITY`."""

    def react(kind="like", user="ana", activity=ACTIVITY, **fields):
        return stream.reactions.add(kind, activity, user, **fields)

    return react


@pytest.fixture
def add_child(stream):
    """Return a function that adds a child to a reaction."""

    def add(parent, kind="comment", user="ben", **fields):
        return stream.reactions.add_child(kind, parent["id"], user, **fields)

    return add


def listed(stream, **conditions):
    return stream.reactions.filter(**{"activity_id": ACTIVITY, **conditions})["results"]


def ids_of(rows):
    return [row["id"] for row in rows]


def counts(subject=f"SA:{ACTIVITY}"):
    return dict(ReactionCount.objects.filter(subject=subject).values_list("kind", "number"))


# One reaction


def test_reaction_has_stream_keys(stream, react):
    user = stream.users.add("ana", {"name": "Ana"})
    del user["duration"]
    added = react("comment", data={"text": "Nice"})
    assert set(added) == KEYS
    assert added["user"] == user
    assert (added["parent"], added["latest_children"], added["children_counts"]) == ("", {}, {})
    assert added["data"] == {"text": "Nice"}
    assert added["created_at"] == added["updated_at"]
    assert added["created_at"].endswith("Z")
    read = stream.reactions.get(added["id"])
    assert {**read, "duration": ""} == {**added, "duration": ""}


def test_unknown_user_in_stream_format(react):
    assert react(user="ghost")["user"]["error"] == "ReferenceNotFound"


def test_missing_data_is_empty_object(react):
    assert react()["data"] == {}


def test_update_keeps_omitted_fields(stream, react):
    added = react("comment", data={"text": "Nice"})
    changed = stream.reactions.update(added["id"], data={"text": "Very nice"})
    assert changed["data"] == {"text": "Very nice"}
    assert changed["created_at"] == added["created_at"]
    assert changed["updated_at"] > added["updated_at"]
    assert stream.reactions.update(added["id"])["data"] == {"text": "Very nice"}


def test_deleted_reaction_not_found(stream, react):
    added = react()
    assert set(stream.reactions.delete(added["id"])) == {"duration"}
    for call in (stream.reactions.get, stream.reactions.delete, stream.reactions.update):
        with pytest.raises(DoesNotExistException):
            call(added["id"])
    assert listed(stream) == []


def test_soft_delete_and_restore(stream, react):
    added = react()
    stream.reactions.delete(added["id"], soft=True)
    stream.reactions.delete(added["id"], soft=True)
    assert listed(stream) == []
    assert counts() == {"like": 0}
    assert stream.reactions.get(added["id"])["deleted_at"].endswith("Z")
    stream.reactions.restore(added["id"])
    assert "deleted_at" not in stream.reactions.get(added["id"])
    assert ids_of(listed(stream)) == [added["id"]]
    assert counts() == {"like": 1}


def test_only_soft_deleted_can_be_restored(stream, react):
    added = react()
    with pytest.raises(DoesNotExistException):
        stream.reactions.restore(added["id"])
    stream.reactions.delete(added["id"])
    with pytest.raises(DoesNotExistException):
        stream.reactions.restore(added["id"])


def test_delete_after_soft_delete_counts_once(stream, react):
    added, _other = react(), react(user="ben")
    stream.reactions.delete(added["id"], soft=True)
    stream.reactions.delete(added["id"])
    assert counts() == {"like": 1}


def test_chosen_id_used_once(client):
    body = {"id": "mine", "kind": "like", "activity_id": ACTIVITY, "user_id": "ana"}
    assert call_api(client, "reaction/", "post", body=body).json()["id"] == "mine"
    check_error(call_api(client, "reaction/", "post", body=body), 409, 22)
    assert counts() == {"like": 1}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": None}, 4),
        ({"kind": ""}, 4),
        ({"kind": "x" * 256}, 4),
        ({"activity_id": None}, 4),
        ({"activity_id": {}}, 4),
        ({"user_id": None}, 10),
        ({"user_id": ["ana"]}, 4),
        ({"data": "text"}, 4),
        ({"parent": "unknown"}, 4),
        ({"parent": {}}, 4),
        ({"id": "a b"}, 4),
        ({"target_feeds": "user:1"}, 4),
        ({"target_feeds": [1]}, 4),
        ({"target_feeds": ["user:1"] * 21}, 4),
        ({"target_feeds": ["nothing:1"]}, 6),
        ({"target_feeds": ["user:1"], "target_feeds_extra_data": [1]}, 4),
    ],
)
def test_bad_reactions_refused(client, fields, code):
    body = {"kind": "like", "activity_id": ACTIVITY, "user_id": "ana", **fields}
    check_error(call_api(client, "reaction/", "post", body=body), 400, code)
    assert not Reaction.objects.exists()
    assert not ReactionCount.objects.exists()


def test_kinds_limited_for_each_subject(stream, react, add_child):
    parent, last = react("k0"), react("k99")
    ReactionCount.objects.bulk_create(
        ReactionCount(subject=f"SA:{ACTIVITY}", kind=f"k{number}", number=1)
        for number in range(1, 99)
    )
    with pytest.raises(InputException):
        react("another")
    assert react("k1")["kind"] == "k1"
    assert add_child(parent)["kind"] == "comment"
    stream.reactions.delete(last["id"])
    assert counts()["k99"] == 0
    assert react("another")["kind"] == "another"
    assert len(counts()) == 100
    assert "k99" not in counts()


# Children


def test_children_shown_to_three_levels(stream, react, add_child):
    first = react("comment")
    second = add_child(first)
    third = add_child(second, "like")
    assert (second["parent"], second["activity_id"]) == (first["id"], ACTIVITY)
    with pytest.raises(InputException):
        add_child(third)
    (read,) = listed(stream)
    assert read["children_counts"] == {"comment": 1}
    (child,) = read["latest_children"]["comment"]
    assert (child["id"], child["children_counts"]) == (second["id"], {"like": 1})
    assert ids_of(child["latest_children"]["like"]) == [third["id"]]
    assert counts() == {"comment": 1}


def test_newest_ten_children_shown(stream, react, add_child):
    parent = react("comment")
    children = [add_child(parent, "like" if number % 2 else "comment") for number in range(14)]
    read = stream.reactions.get(parent["id"])
    newest = ids_of(children[:3:-1])
    assert ids_of(read["latest_children"]["like"]) == newest[0::2]
    assert ids_of(read["latest_children"]["comment"]) == newest[1::2]
    assert read["children_counts"] == {"comment": 7, "like": 7}


def test_delete_removes_descendants(stream, react, add_child):
    first = react("comment")
    second = add_child(first)
    third, other = add_child(second), react("comment")
    stream.reactions.delete(first["id"])
    for gone in (first, second, third):
        with pytest.raises(DoesNotExistException):
            stream.reactions.get(gone["id"])
    assert ids_of(listed(stream)) == [other["id"]]
    assert list(ReactionCount.objects.values_list("subject", "number")) == [(f"SA:{ACTIVITY}", 1)]


def test_soft_deleted_child_not_counted(stream, react, add_child):
    parent = react("comment")
    child, hidden = add_child(parent), add_child(parent)
    stream.reactions.delete(hidden["id"], soft=True)
    read = stream.reactions.get(parent["id"])
    assert ids_of(read["latest_children"]["comment"]) == [child["id"]]
    assert read["children_counts"] == {"comment": 1}
    with pytest.raises(InputException):
        add_child(hidden)


def test_own_children_on_demand(stream, react, add_child):
    parent = react("comment")
    own = [add_child(parent, "like", "eva") for _ in range(6)]
    add_child(parent, "like", "ben")
    add_child(parent, "flag", "eva")
    (read,) = listed(stream, with_own_children=True, children_user_id="eva")
    assert ids_of(read["own_children"]["like"]) == ids_of(own[:0:-1])
    assert set(read["own_children"]) == {"flag", "like"}
    kinds = {"with_own_children_kinds": "flag", "children_user_id": "eva"}
    (read,) = listed(stream, with_own_children="true", **kinds)
    assert set(read["own_children"]) == {"flag"}
    assert "own_children" not in listed(stream)[0]


def test_no_child_below_soft_deleted(stream, react, add_child):
    first = react("comment")
    second = add_child(first)
    stream.reactions.delete(first["id"], soft=True)
    with pytest.raises(InputException):
        add_child(second)
    stream.reactions.restore(first["id"])
    assert add_child(second)["parent"] == second["id"]


def test_no_target_feeds_when_soft_deleted(stream, react, feed):
    target = feed()
    added = react()
    stream.reactions.delete(added["id"], soft=True)
    with pytest.raises(InputException):
        stream.reactions.update(added["id"], target_feeds=[target.id])
    assert target.get()["results"] == []
    assert stream.reactions.update(added["id"], data={"a": 1})["data"] == {"a": 1}


# Lists


def test_list_by_activity_user_and_parent(stream, react, add_child):
    first, second = react(), react("comment", "ben")
    child = add_child(second, "like", "ana")
    react(activity="other", user="eva")
    assert ids_of(listed(stream)) == [second["id"], first["id"]]
    assert ids_of(listed(stream, kind="like")) == [first["id"]]
    assert ids_of(stream.reactions.filter(user_id="ana")["results"]) == [first["id"]]
    assert ids_of(stream.reactions.filter(user_id="ben", kind="comment")["results"]) == [
        second["id"]
    ]
    for conditions in ({}, {"kind": "like"}):
        below = stream.reactions.filter(reaction_id=second["id"], **conditions)["results"]
        assert ids_of(below) == [child["id"]]


def test_pages_in_both_directions(stream, react):
    reaction_ids = [react(user=f"u{number}")["id"] for number in range(7)]
    assert ids_of(listed(stream, limit=3)) == reaction_ids[:3:-1]
    assert ids_of(listed(stream, limit=3, id_lt=reaction_ids[4])) == [
        reaction_ids[3],
        reaction_ids[2],
        reaction_ids[1],
    ]
    assert ids_of(listed(stream, limit=3, id_lte=reaction_ids[4])) == [
        reaction_ids[4],
        reaction_ids[3],
        reaction_ids[2],
    ]
    assert ids_of(listed(stream, limit=3, id_gt=reaction_ids[1])) == reaction_ids[2:5]
    assert ids_of(listed(stream, limit=3, id_gte=reaction_ids[1])) == reaction_ids[1:4]


def test_next_only_if_more(client, stream, react):
    reaction_ids = [react(user=f"u{number}")["id"] for number in range(6)]
    for bound, order in (("", reaction_ids[::-1]), (f"&id_gte={reaction_ids[0]}", reaction_ids)):
        path = f"reaction/activity_id/{ACTIVITY}/like/"
        page = call_api(client, path, query=f"&limit=3{bound}").json()
        assert ids_of(page["results"]) == order[:3]
        address, _, query = page["next"].partition("?")
        assert address == f"http://testserver/api/v1.0/{path}"
        rest = call_api(client, path, query=f"&{query}").json()
        assert ids_of(rest["results"]) == order[3:]
        assert rest["next"] == ""
        assert "api_key" not in query
    assert stream.reactions.filter(activity_id=ACTIVITY, limit=6)["next"] == ""


def test_pages_between_two_bounds(client, react):
    reaction_ids = [react(user=f"u{number}")["id"] for number in range(7)]
    path, collected = f"reaction/activity_id/{ACTIVITY}/", []
    query = f"id_gt={reaction_ids[0]}&id_lt={reaction_ids[5]}&limit=2"
    while query:
        page = call_api(client, path, query=f"&{query}").json()
        collected += ids_of(page["results"])
        query = page["next"].partition("?")[2]
    assert collected == reaction_ids[1:5]


def test_unknown_bound_gives_nothing(stream, react):
    added = react()
    assert listed(stream, id_lt="unknown") == []
    stream.reactions.delete(react(user="ben")["id"])
    assert ids_of(listed(stream)) == [added["id"]]


def test_soft_deleted_reaction_is_valid_bound(stream, react):
    reaction_ids = [react(user=f"u{number}")["id"] for number in range(3)]
    stream.reactions.delete(reaction_ids[1], soft=True)
    assert ids_of(listed(stream, id_lt=reaction_ids[1])) == [reaction_ids[0]]


def test_list_limit_default_and_maximum(stream, react):
    for number in range(27):
        react(user=f"u{number}")
    assert len(listed(stream)) == 10
    assert len(listed(stream, limit=100)) == 25
    assert listed(stream, limit=0) == []


def test_list_query_count_constant(stream, react, add_child, django_assert_num_queries):
    for number in range(4):
        stream.users.add(f"u{number}", {})
        parent = react("comment", f"u{number}")
        for child in range(3):
            add_child(add_child(parent, user=f"u{child}"), "like", f"u{child}")
    for limit in (1, 4):
        # The list, two levels of counts, children and own children, users.
        with django_assert_num_queries(8):
            rows = listed(stream, limit=limit, with_own_children=True, children_user_id="u1")
        assert len(rows) == limit


def test_get_many_by_ids(client, stream, react):
    first, hidden, third = react(), react(user="ben"), react(user="eva")
    stream.reactions.delete(hidden["id"], soft=True)
    query = f"&ids={third['id']},{hidden['id']},unknown,{first['id']}"
    collected = call_api(client, "reaction/get_many/", query=query).json()["reactions"]
    assert ids_of(collected) == [third["id"], first["id"]]
    collected = call_api(client, "reaction/get_many/", query=f"{query}&include_deleted=true").json()
    assert ids_of(collected["reactions"])[1] == hidden["id"]


def test_list_with_activity_data(stream, feed, make):
    user = stream.users.add("ana", {"name": "Ana"})
    added = feed().add_activity(make(actor="SU:ana"))
    reaction_ids = stream.reactions.add("like", added["id"], "ana")
    response = stream.reactions.filter(
        activity_id=added["id"], kind="like", with_activity_data=True
    )
    activity = response["activity"]
    assert activity["actor"]["data"] == user["data"]
    assert activity["reaction_counts"] == {"like": 1}
    assert ids_of(activity["latest_reactions"]["like"]) == [reaction_ids["id"]]
    assert activity["own_reactions"] == {}
    assert activity["latest_reactions_extra"] == {"like": {"next": ""}}
    nothing = stream.reactions.filter(activity_id="gone", with_activity_data=True)["activity"]
    assert nothing == {
        "error": "ReferenceNotFound",
        "reference": "SA:gone",
        "reference_type": "activity",
        "id": "gone",
        "reaction_counts": {},
        "latest_reactions": {},
        "latest_reactions_extra": {},
        "own_reactions": {},
    }


@pytest.mark.parametrize("kind", ["a kind", "why?", "100 %", "más"])
def test_next_address_with_any_kind(client, stream, feed, make, kind):
    name = feed().add_activity(make())["id"]
    reaction_ids = [stream.reactions.add(kind, name, "ana b")["id"] for _ in range(2)]
    address = f"reaction/activity_id/{name}/{quote(kind)}/"
    next_page = call_api(client, address, query="&limit=1").json()["next"]
    parts = urlsplit(next_page)
    rest = call_api(client, parts.path, query=f"&{parts.query}").json()["results"]
    assert ids_of(rest) == [reaction_ids[0]]


def test_pages_continue_after_deleted_reaction(stream, feed, make):
    name = feed().add_activity(make())["id"]
    reaction_ids = [stream.reactions.add("like", name, "ana")["id"] for _ in range(3)]
    stream.reactions.delete(reaction_ids[1])
    older = stream.reactions.filter(activity_id=name, kind="like", id_lt=reaction_ids[1])["results"]
    assert ids_of(older) == reaction_ids[:1]


@pytest.mark.parametrize("name", ["get_many", "activity_id", "reaction_id", "user_id"])
def test_reserved_id_refused(client, name):
    body = {"id": name, "kind": "like", "activity_id": "1", "user_id": "ana"}
    check_error(call_api(client, "reaction/", "post", body=body), 400, 4)


def test_kind_with_slash_refused(client):
    body = {"kind": "a/b", "activity_id": "1", "user_id": "ana"}
    check_error(call_api(client, "reaction/", "post", body=body), 400, 4)


def test_numeric_user_id_accepted(client):
    body = {"kind": "like", "activity_id": "1", "user_id": 5}
    assert call_api(client, "reaction/", "post", {"user_id": "5"}, body).status_code == 201


# Target feeds


def test_target_feeds_get_activity(stream, react, feed):
    target, other = feed(), feed("notification")
    added = react(
        "comment",
        target_feeds=[target.id, other.id],
        target_feeds_extra_data={"colour": "red", "actor": "somebody else"},
    )
    assert added["target_feeds"] == [target.id, other.id]
    (activity,) = target.get()["results"]
    del activity["id"]
    assert activity.pop("time").isoformat()[:26] + "Z" == added["created_at"]
    assert activity == {
        "actor": "SU:ana",
        "verb": "comment",
        "object": f"SA:{ACTIVITY}",
        "reaction": f"SR:{added['id']}",
        "foreign_id": f"reaction:{added['id']}",
        "target": "",
        "origin": None,
        "colour": "red",
    }
    (group,) = other.get()["results"]
    assert group["activities"][0]["reaction"] == f"SR:{added['id']}"
    assert "target_feeds_extra_data" in added
    assert "target_feeds_extra_data" not in stream.reactions.get(added["id"])


def test_changing_target_feeds_moves_difference(stream, react, feed):
    leaves, stays, comes = feed(), feed(), feed()
    added = react(target_feeds=[leaves.id, stays.id])
    (before,) = stays.get()["results"]
    changed = stream.reactions.update(added["id"], target_feeds=[stays.id, comes.id])
    assert changed["target_feeds"] == [stays.id, comes.id]
    assert leaves.get()["results"] == []
    assert stays.get()["results"] == comes.get()["results"] == [before]
    stream.reactions.update(added["id"], data={"text": "new"})
    assert len(stays.get()["results"]) == 1
    stream.reactions.update(added["id"], target_feeds=[])
    assert "target_feeds" not in stream.reactions.get(added["id"])
    assert stays.get()["results"] == comes.get()["results"] == []


def test_deleted_reactions_leave_target_feeds(react, add_child, stream, feed):
    target, follower = feed(), feed("timeline")
    follower.follow(target.slug, target.user_id)
    parent = react("comment", target_feeds=[target.id])
    add_child(parent, target_feeds=[target.id])
    assert len(follower.get()["results"]) == 2
    stream.reactions.delete(parent["id"])
    assert target.get()["results"] == follower.get()["results"] == []


def test_delete_after_target_feed_is_gone(react, stream, feed):
    target, other = feed(), feed()
    added = react(target_feeds=[target.id, other.id])
    target.remove_activity(foreign_id=f"reaction:{added['id']}")
    stream.reactions.delete(added["id"])
    assert target.get()["results"] == other.get()["results"] == []


def test_delete_locks_feeds_once(react, add_child, stream, feed):
    feeds = [feed() for _ in range(3)]
    parent = react("comment", target_feeds=[feeds[2].id])
    below = add_child(parent, target_feeds=[feeds[1].id])
    add_child(below, target_feeds=[feeds[0].id, feeds[2].id])
    with CaptureQueriesContext(connection) as queries:
        stream.reactions.delete(parent["id"])
    locks = [one["sql"] for one in queries if 'ORDER BY "feedserver_feed"."id" ASC' in one["sql"]]
    assert len(locks) == 1
    assert [one.get()["results"] for one in feeds] == [[], [], []]


@pytest.mark.parametrize("children", [2, 8])
def test_delete_query_count_constant(react, add_child, stream, children):
    parent = react("comment")
    for number in range(children):
        add_child(add_child(parent, user=f"u{number}"))
    with CaptureQueriesContext(connection) as queries:
        stream.reactions.delete(parent["id"])
    reading = [one["sql"] for one in queries if one["sql"].startswith("SELECT")]
    assert len(queries) <= 14
    assert not any(" OR " in sql for sql in reading)


# Concurrent requests


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_reactions_counted(stream, react, add_child):
    parent = react("comment")
    run_at_once(
        [lambda number=number: react(user=f"u{number}") for number in range(6)]
        + [lambda number=number: add_child(parent, user=f"u{number}") for number in range(6)]
    )
    assert counts() == {"comment": 1, "like": 6}
    assert counts(f"SR:{parent['id']}") == {"comment": 6}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_soft_delete_restore_delete(stream, react):
    added, _other = react(), react(user="ben")

    def act(call):
        return lambda: call(added["id"])

    run_at_once(
        [act(lambda name: stream.reactions.delete(name, soft=True))] * 3
        + [act(stream.reactions.restore)] * 3
        + [act(stream.reactions.delete)],
        expected=(DoesNotExistException,),
    )
    assert counts() == {"like": 1}
    assert Reaction.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_child_added_during_delete(react, add_child, stream):
    for _ in range(3):
        parent = react("comment")
        below = add_child(parent)
        run_at_once(
            [lambda parent=parent: stream.reactions.delete(parent["id"])]
            + [lambda below=below: add_child(below)] * 3
            + [lambda parent=parent: add_child(parent)] * 2,
            expected=(InputException, DoesNotExistException),
        )
        assert not Reaction.objects.exists()
        assert set(ReactionCount.objects.values_list("number", flat=True)) == {0}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_same_id_chosen_at_once(client):
    body = {"id": "mine", "kind": "like", "activity_id": ACTIVITY, "user_id": "ana"}
    responses = run_at_once([lambda: call_api(client, "reaction/", "post", body=body)] * 4)
    assert sorted(add_child.status_code for add_child in responses) == [201, 409, 409, 409]
    assert counts() == {"like": 1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_likes_never_deadlock(react, stream, feed):
    target = feed("notification")

    def like_and_unlike(user):
        for _ in range(6):
            added = react(user=user, target_feeds=[target.id])
            stream.reactions.delete(added["id"])

    run_at_once([lambda number=number: like_and_unlike(f"u{number}") for number in range(8)])
    assert counts() == {"like": 0}
    assert target.get()["results"] == []


def test_conflict_raised_by_client(stream, client):
    body = {"id": "mine", "kind": "like", "activity_id": ACTIVITY, "user_id": "ana"}
    call_api(client, "reaction/", "post", body=body)
    with pytest.raises(StreamApiException) as refused:
        stream.post("reaction/", stream.reactions.token, data=body)
    assert refused.value.status_code == 409

import pytest
from stream.exceptions import DoesNotExistException, InputException, StreamApiException

pytestmark = pytest.mark.django_db


def entry_of(answer):
    return {name: value for name, value in answer.items() if name != "duration"}


def test_a_user_is_added_read_changed_and_deleted(stream):
    added = stream.users.add("ana", {"name": "Ana"})
    assert stream.users.get("ana")["data"] == {"name": "Ana"}
    changed = stream.users.update("ana", {"name": "Ana Lima"})
    assert changed["created_at"] == added["created_at"]
    stream.users.delete("ana")
    with pytest.raises(DoesNotExistException):
        stream.users.get("ana")


def test_a_user_who_exists_is_a_conflict_or_returned(stream):
    stream.users.add("ana", {"name": "Ana"})
    with pytest.raises(StreamApiException) as refused:
        stream.users.add("ana", {"name": "Other"})
    assert refused.value.status_code == 409
    assert stream.users.add("ana", {"name": "Other"}, get_or_create=True)["data"] == {"name": "Ana"}


def test_an_object_is_added_read_changed_and_deleted(stream):
    added = stream.collections.add("food", {"name": "bread"}, id="1")
    assert (added["foreign_id"], added["collection"]) == ("food:1", "food")
    stream.collections.update("food", "1", {"name": "rye"})
    assert stream.collections.get("food", "1")["data"] == {"name": "rye"}
    stream.collections.delete("food", "1")
    with pytest.raises(DoesNotExistException):
        stream.collections.get("food", "1")
    assert stream.collections.add("food", {"name": "again"}, id="1")["id"] == "1"


def test_an_object_without_an_id_gets_one(stream):
    assert len(stream.collections.add("food", {"name": "bread"})["id"]) == 36


@pytest.mark.parametrize(("data", "name"), [({}, "1"), ({"a": 1}, "a b"), ([1], "1")])
def test_bad_objects_are_refused(stream, data, name):
    with pytest.raises(InputException):
        stream.collections.add("food", data, id=name)


def test_objects_are_upserted_selected_and_deleted_in_bulk(stream):
    for name in ("rye", "wheat"):
        stream.collections.upsert("food", [{"id": "1", "name": name}, {"id": "2", "name": "x"}])
    found = stream.collections.select("food", ["2", "1", "3"])["response"]["data"]
    assert [(row["foreign_id"], row["data"]["name"]) for row in found] == [
        ("food:2", "x"),
        ("food:1", "wheat"),
    ]
    stream.collections.delete_many("food", ["1", "2"])
    assert stream.collections.select("food", ["1", "2"])["response"]["data"] == []


def test_references_are_replaced_by_what_their_own_get_answers(stream, feed, make):
    user = stream.users.add("ana", {"name": "Ana"})
    thing = stream.collections.add("food", {"name": "bread"}, id="1")
    made = feed()
    made.add_activity(make(actor="SU:ana", object="SO:food:1"))
    (activity,) = made.get(enrich=True)["results"]
    assert activity["actor"] == entry_of(user)
    assert activity["object"] == entry_of(thing)
    (plain,) = made.get()["results"]
    assert (plain["actor"], plain["object"]) == ("SU:ana", "SO:food:1")


def test_a_reference_to_nothing_is_said_in_streams_words(feed, make):
    made = feed()
    made.add_activity(make(actor="SU:ghost", object="SO:food:9"))
    (activity,) = made.get(enrich=True)["results"]
    assert activity["actor"] == {
        "error": "ReferenceNotFound",
        "reference": "SU:ghost",
        "reference_type": "user",
        "id": "ghost",
    }
    assert activity["object"] == {
        "error": "ReferenceNotFound",
        "reference": "SO:food:9",
        "reference_type": "object",
        "id": "9",
        "collection": "food",
    }

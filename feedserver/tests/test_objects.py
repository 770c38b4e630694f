import pytest
from stream.exceptions import DoesNotExistException, InputException, StreamApiException

from feedserver.models import StreamObject
from feedserver.tests.calls import ask, check

pytestmark = pytest.mark.django_db


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


def test_an_object_is_answered_with_exactly_streams_keys(stream):
    keys = {"id", "collection", "foreign_id", "data", "created_at", "updated_at", "duration"}
    assert set(stream.collections.add("food", {"name": "bread"}, id="1")) == keys
    (found,) = stream.collections.select("food", "1")["response"]["data"]
    assert set(found) == keys - {"duration"}


def test_an_object_that_exists_is_a_conflict(stream):
    stream.collections.add("food", {"name": "bread"}, id="1")
    with pytest.raises(StreamApiException) as refused:
        stream.collections.add("food", {"name": "rye"}, id="1")
    assert refused.value.status_code == 409
    assert stream.collections.get("food", "1")["data"] == {"name": "bread"}
    assert stream.collections.add("drink", {"name": "tea"}, id="1")["foreign_id"] == "drink:1"


def test_who_added_an_object_is_kept(stream):
    stream.collections.add("food", {"name": "bread"}, id="1", user_id="ana")
    assert StreamObject.objects.get().created_by == "ana"
    with pytest.raises(InputException):
        stream.collections.add("food", {"name": "bread"}, id="2", user_id={"a": 1})


def test_the_id_of_an_object_cannot_be_changed(client, stream):
    stream.collections.add("food", {"name": "bread"}, id="1")
    body = {"id": "2", "data": {"name": "rye"}}
    check(ask(client, "collections/food/1/", "put", body=body), 400, 4)


@pytest.mark.parametrize("call", ["get", "delete", "update"])
def test_what_is_not_there_is_not_found(stream, call):
    data = {"data": {"a": 1}} if call == "update" else {}
    with pytest.raises(DoesNotExistException):
        getattr(stream.collections, call)("food", "9", **data)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"food": {"id": "1"}},
        {"food": [{"id": "1"}, {"name": "no id"}]},
        {"food": [{"id": "1"}], "a b": [{"id": "1"}]},
        {"food": [{"id": str(n)} for n in range(600)], "drink": [{"id": "1"}] * 401},
    ],
)
def test_of_a_bad_batch_nothing_is_written(client, data):
    check(ask(client, "collections/", "post", body={"data": data}), 400, 4)
    assert not StreamObject.objects.exists()


def test_the_last_of_a_batch_with_the_same_id_wins(stream):
    stream.collections.upsert("food", [{"id": "1", "name": "rye"}, {"id": "1", "name": "oat"}])
    assert stream.collections.get("food", "1")["data"] == {"name": "oat"}


def test_only_what_was_asked_for_is_selected_once(client, stream):
    for collection in ("food", "drink"):
        stream.collections.upsert(collection, [{"id": "1"}, {"id": "2"}])
    query = "&foreign_ids=food:1,drink:2,food:1&foreign_ids=drink:9"
    found = ask(client, "collections/", query=query).json()["response"]["data"]
    assert [row["foreign_id"] for row in found] == ["food:1", "drink:2"]


def test_many_are_deleted_by_a_comma_list_too(client, stream):
    stream.collections.upsert("food", [{"id": str(number)} for number in range(3)])
    query = "&collection_name=food&ids=0,1,9"
    assert set(ask(client, "collections/", "delete", query=query).json()) == {"duration"}
    assert StreamObject.objects.get().object_id == "2"


def test_more_than_a_thousand_are_refused(client):
    names = ",".join(f"food:{number}" for number in range(1001))
    check(ask(client, "collections/", query=f"&foreign_ids={names}"), 400, 4)

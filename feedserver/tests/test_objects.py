import pytest
from stream.exceptions import DoesNotExistException, InputException, StreamApiException

from feedserver.models import StreamObject
from feedserver.tests.calls import call_api, check_error

pytestmark = pytest.mark.django_db


def test_add_read_change_delete(stream):
    added = stream.collections.add("food", {"name": "bread"}, id="1")
    assert (added["foreign_id"], added["collection"]) == ("food:1", "food")
    stream.collections.update("food", "1", {"name": "rye"})
    assert stream.collections.get("food", "1")["data"] == {"name": "rye"}
    stream.collections.delete("food", "1")
    with pytest.raises(DoesNotExistException):
        stream.collections.get("food", "1")
    assert stream.collections.add("food", {"name": "again"}, id="1")["id"] == "1"


def test_missing_id_generated(stream):
    assert len(stream.collections.add("food", {"name": "bread"})["id"]) == 36


@pytest.mark.parametrize(("data", "name"), [({}, "1"), ({"a": 1}, "a b"), ([1], "1")])
def test_bad_objects_refused(stream, data, name):
    with pytest.raises(InputException):
        stream.collections.add("food", data, id=name)


def test_upsert_select_delete_many(stream):
    for name in ("rye", "wheat"):
        stream.collections.upsert("food", [{"id": "1", "name": name}, {"id": "2", "name": "x"}])
    selected = stream.collections.select("food", ["2", "1", "3"])["response"]["data"]
    assert [(row["foreign_id"], row["data"]["name"]) for row in selected] == [
        ("food:2", "x"),
        ("food:1", "wheat"),
    ]
    stream.collections.delete_many("food", ["1", "2"])
    assert stream.collections.select("food", ["1", "2"])["response"]["data"] == []


def test_object_has_stream_keys(stream):
    keys = {"id", "collection", "foreign_id", "data", "created_at", "updated_at", "duration"}
    assert set(stream.collections.add("food", {"name": "bread"}, id="1")) == keys
    (selected,) = stream.collections.select("food", "1")["response"]["data"]
    assert set(selected) == keys - {"duration"}


def test_existing_object_conflicts(stream):
    stream.collections.add("food", {"name": "bread"}, id="1")
    with pytest.raises(StreamApiException) as refused:
        stream.collections.add("food", {"name": "rye"}, id="1")
    assert refused.value.status_code == 409
    assert stream.collections.get("food", "1")["data"] == {"name": "bread"}
    assert stream.collections.add("drink", {"name": "tea"}, id="1")["foreign_id"] == "drink:1"


def test_author_stored(stream):
    stream.collections.add("food", {"name": "bread"}, id="1", user_id="ana")
    assert StreamObject.objects.get().created_by == "ana"
    with pytest.raises(InputException):
        stream.collections.add("food", {"name": "bread"}, id="2", user_id={"a": 1})


def test_id_cannot_be_changed(client, stream):
    stream.collections.add("food", {"name": "bread"}, id="1")
    body = {"id": "2", "data": {"name": "rye"}}
    check_error(call_api(client, "collections/food/1/", "put", body=body), 400, 4)


@pytest.mark.parametrize("call", ["get", "delete", "update"])
def test_unknown_object_not_found(stream, call):
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
def test_bad_batch_writes_nothing(client, data):
    check_error(call_api(client, "collections/", "post", body={"data": data}), 400, 4)
    assert not StreamObject.objects.exists()


def test_last_duplicate_in_batch_wins(stream):
    stream.collections.upsert("food", [{"id": "1", "name": "rye"}, {"id": "1", "name": "oat"}])
    assert stream.collections.get("food", "1")["data"] == {"name": "oat"}


def test_select_returns_each_once(client, stream):
    for collection in ("food", "drink"):
        stream.collections.upsert(collection, [{"id": "1"}, {"id": "2"}])
    query = "&foreign_ids=food:1,drink:2,food:1&foreign_ids=drink:9"
    selected = call_api(client, "collections/", query=query).json()["response"]["data"]
    assert [row["foreign_id"] for row in selected] == ["food:1", "drink:2"]


def test_delete_many_by_comma_list(client, stream):
    stream.collections.upsert("food", [{"id": str(number)} for number in range(3)])
    query = "&collection_name=food&ids=0,1,9"
    assert set(call_api(client, "collections/", "delete", query=query).json()) == {"duration"}
    assert StreamObject.objects.get().object_id == "2"


def test_more_than_thousand_refused(client):
    names = ",".join(f"food:{number}" for number in range(1001))
    check_error(call_api(client, "collections/", query=f"&foreign_ids={names}"), 400, 4)

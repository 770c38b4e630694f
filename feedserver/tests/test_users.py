import pytest
from stream.exceptions import DoesNotExistException, InputException, StreamApiException

from feedserver.tests.calls import call_api

pytestmark = pytest.mark.django_db


def test_add_read_change_delete(stream):
    added = stream.users.add("ana", {"name": "Ana"})
    assert stream.users.get("ana")["data"] == {"name": "Ana"}
    changed = stream.users.update("ana", {"name": "Ana Lima"})
    assert changed["created_at"] == added["created_at"]
    stream.users.delete("ana")
    with pytest.raises(DoesNotExistException):
        stream.users.get("ana")


def test_existing_user_conflicts_or_returned(stream):
    stream.users.add("ana", {"name": "Ana"})
    with pytest.raises(StreamApiException) as refused:
        stream.users.add("ana", {"name": "Other"})
    assert refused.value.status_code == 409
    assert stream.users.add("ana", {"name": "Other"}, get_or_create=True)["data"] == {"name": "Ana"}


def test_user_has_stream_keys(stream):
    added = stream.users.add("ana", {"name": "Ana"})
    assert set(added) == {"id", "data", "created_at", "updated_at", "duration"}
    assert added["created_at"].endswith("Z")
    assert len(added["created_at"]) == len("2026-01-02T03:04:05.000678Z")


def test_missing_data_is_empty_object(stream):
    assert stream.users.add("ana")["data"] == {}
    assert stream.users.update("ana")["data"] == {}


def test_update_replaces_all_data(stream):
    stream.users.add("ana", {"name": "Ana", "colour": "red"})
    stream.users.update("ana", {"name": "Ana"})
    assert stream.users.get("ana")["data"] == {"name": "Ana"}


def test_numeric_id_accepted(stream):
    assert stream.users.add(7)["id"] == "7"
    assert stream.users.get("7")["id"] == "7"


@pytest.mark.parametrize("name", [None, "", "a b", "a/b", True, {}, "x" * 256])
def test_bad_id_refused(stream, name):
    with pytest.raises(InputException):
        stream.users.add(name, {})


@pytest.mark.parametrize("data", ["text", 1, ["a"]])
def test_data_must_be_object(stream, data):
    with pytest.raises(InputException):
        stream.users.add("ana", data)
    stream.users.add("ana", {"name": "Ana"})
    with pytest.raises(InputException):
        stream.users.update("ana", data)
    assert stream.users.get("ana")["data"] == {"name": "Ana"}


def test_unknown_user_cannot_be_changed(stream):
    for call in (stream.users.update, lambda name, data=None: stream.users.delete(name)):
        with pytest.raises(DoesNotExistException):
            call("ghost", {"name": "Ghost"})


def test_invalid_flag_refused(client):
    response = call_api(client, "user/", "post", body={"id": "ana"}, query="&get_or_create=perhaps")
    assert response.status_code == 400

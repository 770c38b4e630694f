import pytest
from django.urls import reverse

from notifications.models import Cursor, Notification
from notifications.services import notify

pytestmark = pytest.mark.django_db

POLL = reverse("notifications:poll")


def poll(client, since=None):
    return client.get(POLL, {} if since is None else {"since": since})


def test_poll_returns_oldest_change_first(signed_in, ana):
    rows = [notify(ana, name, value) for name, value in [("b", 1), ("a", {"x": [1]}), ("c", "t")]]
    notify(ana, "b", 2)
    answer = poll(signed_in(ana))
    assert answer["Content-Type"] == "application/json"
    items = answer.json()
    assert [(item["name"], item["data"]) for item in items] == [
        ("a", {"x": [1]}),
        ("c", "t"),
        ("b", 2),
    ]
    assert items[0] == {"name": "a", "data": {"x": [1]}, "timestamp": rows[1].timestamp}


def test_a_timestamp_comes_back_to_the_last_digit(signed_in, ana):
    notify(ana, "first", 1)
    second = notify(ana, "second", 1)
    client = signed_in(ana)
    items = poll(client).json()
    assert [item["name"] for item in poll(client, items[0]["timestamp"]).json()] == ["second"]
    assert poll(client, repr(second.timestamp)).json() == []


def test_poll_excludes_other_people(signed_in, ana, ben):
    notify(ben, "count", 1)
    assert poll(signed_in(ana)).json() == []


def test_anonymous_poll_is_401(client):
    answer = poll(client)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Sign in first."}


@pytest.mark.parametrize(
    "since",
    [
        "abc",
        "nan",
        "-1",
        "1e999",
        "inf",
        "Infinity",
        "-0",
        "",
        " 1",
        "1_0",
        "٣",
        "0x1",
        "1\x00",
        "1,5",
    ],
)
def test_invalid_timestamp_is_400(signed_in, ana, since):
    answer = poll(signed_in(ana), since)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("since ")


@pytest.mark.parametrize("since", ["0", "0.0", "1", "1.5", "1e3", "1.7e+9", "1E-5", "9" * 300])
def test_javascript_numbers_are_timestamps(signed_in, ana, since):
    assert poll(signed_in(ana), since).status_code == 200


def test_page_of_other_person_is_401(signed_in, ana, ben):
    client = signed_in(ana)
    assert client.get(POLL, {"person": ana.pk}).status_code == 200
    for person in (ben.pk, "x", ""):
        answer = client.get(POLL, {"person": person})
        assert answer.status_code == 401
        assert answer.json() == {"detail": "Somebody else has signed in."}


def test_it_is_kept_by_no_cache(signed_in, client, ana):
    assert poll(client)["Cache-Control"] == "private, no-store"
    assert poll(signed_in(ana))["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(signed_in, ana, method):
    assert getattr(signed_in(ana), method)(POLL).status_code == 405


@pytest.mark.parametrize("number_of_names", [1, 30])
def test_poll_needs_one_query(signed_in, ana, number_of_names, django_assert_max_num_queries):
    for number in range(number_of_names):
        notify(ana, f"name {number}", number)
    client = signed_in(ana)
    stamp = poll(client).json()[-1]["timestamp"]
    for since in (0, stamp):
        with django_assert_max_num_queries(3) as asked:  # a cache may have the session
            poll(client, since)
        queries = [query["sql"] for query in asked.captured_queries]
        assert all(query.startswith("SELECT") for query in queries)
        assert len([query for query in queries if "notifications_" in query]) == 1


def test_it_is_no_sign_of_life(signed_in, ana):
    poll(signed_in(ana))
    ana.refresh_from_db()
    assert getattr(ana, "last_seen", None) is None
    assert not Cursor.objects.exists()
    assert not Notification.objects.exists()

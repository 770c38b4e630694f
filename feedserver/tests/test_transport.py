"""The official client in this process, and over a socket."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from requests import Session
from stream import connect
from stream.exceptions import StreamApiException

from feedserver import conf
from feedserver.models import StreamUser
from feedserver.tests.calls import SERVER, sign
from feedserver.transport import FeedServerAdapter


@pytest.mark.django_db
def test_calls_join_transaction(stream, feed, make):
    user = feed()
    with transaction.atomic():
        user.add_activity(make())
        assert len(user.get()["results"]) == 1
        transaction.set_rollback(True)
    assert user.get()["results"] == []


@pytest.mark.django_db(transaction=True)
def test_refused_call_keeps_transaction_usable(stream):
    stream.users.add("ana")
    with transaction.atomic():
        with pytest.raises(StreamApiException):
            stream.users.add("ana")
        stream.collections.add("food", {"name": "bread"}, id="1")
        with pytest.raises(StreamApiException):
            stream.collections.add("food", {"name": "bread"}, id="1")
        stream.users.add("ben")
    assert StreamUser.objects.filter(pk="ben").exists()
    assert stream.collections.get("food", "1")["data"] == {"name": "bread"}


@pytest.mark.django_db(transaction=True)
def test_connection_stays_open(stream, feed, make):
    with transaction.atomic():
        before = connection.connection
        feed().add_activity(make())
        assert connection.connection is before
        assert connection.in_atomic_block
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_reads_open_no_transaction(stream, feed, make):
    stream.users.add("ana", {})
    stream.collections.add("food", {"a": 1}, id="1")
    user, follower = feed(), feed("timeline")
    added = user.add_activity(make(actor="SU:ana", object="SO:food:1"))
    follower.follow(user.slug, user.user_id)
    with CaptureQueriesContext(connection) as queries:
        user.get(enrich=True)
        follower.get()
        follower.following(feeds=[user.id])
        user.followers()
        stream.get_activities(ids=[added["id"]])
        stream.users.get("ana")
        stream.collections.select("food", ["1"])
    assert all(query["sql"].lstrip().startswith("SELECT") for query in queries)


@pytest.mark.django_db
def test_any_session_may_use_adapter():
    session = Session()
    session.mount("https://", FeedServerAdapter())
    address = "https://stream.example:8443/api/v1.0/feed/user/%C3%BC/"
    response = session.get(
        address, params={"api_key": conf.api_key()}, headers={"Authorization": sign(SERVER)}
    )
    assert response.ok
    assert response.json()["results"] == []
    assert response.headers["content-type"] == "application/json"
    assert response.url.startswith(address)


@pytest.fixture
def remote(live_server):
    port = live_server.url.rpartition(":")[2]
    client = connect(conf.api_key(), conf.api_secret(), base_url=f"http://localhost:{port}/api/")
    client.session.trust_env = False
    return client


@pytest.mark.django_db(transaction=True)
def test_feeds_over_a_socket(remote, make):
    user, timeline = remote.feed("user", "1"), remote.feed("timeline", "1")
    timeline.follow("user", "1")
    moment = datetime(2026, 1, 2, 3, 4, 5)
    added = user.add_activity(make(foreign_id="app.Thing:1", time=moment, actor="SU:ana"))
    remote.users.add("ana", {"name": "Ana"})
    (read,) = timeline.get(enrich=True)["results"]
    assert (read["id"], read["origin"]) == (added["id"], "user:1")
    assert read["time"] == moment.replace(tzinfo=UTC)
    assert read["actor"]["data"] == {"name": "Ana"}
    user.remove_activity(foreign_id="app.Thing:1")
    assert timeline.get()["results"] == []
    timeline.unfollow("user", "1")
    assert timeline.following()["results"] == []


@pytest.mark.django_db(transaction=True)
def test_errors_over_a_socket(remote):
    with pytest.raises(StreamApiException) as refused:
        remote.feed("nothing", "1").get()
    assert refused.value.status_code == 400
    remote.users.add("ana")
    with pytest.raises(StreamApiException) as refused:
        remote.users.add("ana")
    assert refused.value.status_code == 409

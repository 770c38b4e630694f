"""Who may do what, and that every answer is JSON with a duration."""

import json
import time

import jwt
import pytest
from django.db import transaction
from django.urls import URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stream import connect
from stream.exceptions import ApiKeyException, SignatureException

from feedserver import conf
from feedserver.models import Activity

pytestmark = pytest.mark.django_db

ARGUMENTS = {
    "slug": "user",
    "user_id": "1",
    "activity_id": "a:1",
    "target": "user:2",
    "collection": "food",
    "object_id": "1",
}


def token(secret=None, **claims):
    return jwt.encode(claims, secret or conf.api_secret(), algorithm="HS256")


def ask(client, path, method="get", claims=None, key=None, body=None, **headers):
    authorization = token(**(claims or {"resource": "*", "action": "*", "feed_id": "*"}))
    return client.generic(
        method.upper(),
        f"/api/v1.0/{path}?api_key={key or conf.api_key()}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"authorization": authorization, "stream-auth-type": "jwt", **headers},
    )


def check(answer, status, code):
    body = answer.json()
    assert (answer.status_code, body["code"], body["status_code"]) == (status, code, status)
    assert body["exception"]
    assert body["detail"]
    assert body["duration"].endswith("ms")


def paths(resolver=None, prefix=""):
    """Yield the path of every address of the API, filled with arguments."""
    for pattern in (resolver or get_resolver("feedserver.urls")).url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from paths(pattern, route)
        else:
            for name, value in ARGUMENTS.items():
                route = route.replace(f"<str:{name}>", value).replace(f"<path:{name}>", value)
            yield route.removeprefix("api/v1.0/")


def test_an_unknown_key_and_a_foreign_signature_are_refused(stream):
    stream.api_key = "unknown"
    with pytest.raises(ApiKeyException):
        stream.users.get("ana")
    stream.api_key, other = conf.api_key(), "another secret of more than thirty-two letters"
    stream.users.token = token(secret=other, resource="*", action="*", feed_id="*")
    with pytest.raises(SignatureException):
        stream.users.get("ana")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x.y.z",
        jwt.encode({"resource": "*", "action": "*", "feed_id": "*"}, "", algorithm="none"),
    ],
)
def test_what_is_no_good_token_is_refused(client, text):
    answer = client.get(
        f"/api/v1.0/feed/user/1/?api_key={conf.api_key()}", headers={"authorization": text}
    )
    check(answer, 401, 3)


def test_a_token_ends_when_it_says_so(client):
    claims = {"resource": "*", "action": "*", "feed_id": "*", "exp": int(time.time()) - 1}
    check(ask(client, "feed/user/1/", claims=claims), 401, 3)


def test_a_pages_token_reads_its_feed_and_nothing_else(client):
    claims = {"resource": "*", "action": "read", "feed_id": "user1"}
    allowed = set()
    for path in paths():
        for method in ("get", "post", "put", "delete"):
            answer = ask(client, path, method, claims=claims, body={})
            assert answer.json()["duration"]
            if answer.status_code < 400:
                allowed.add((method, path))
            else:
                assert answer.status_code in {403, 405}, (method, path)
    assert allowed == {
        ("get", "feed/user/1/"),
        ("get", "feed/user/1/follows/"),
        ("get", "feed/user/1/following/"),
        ("get", "feed/user/1/followers/"),
        ("get", "enrich/feed/user/1/"),
    }
    for other in ("feed/user/2/", "feed/timeline/1/", "enrich/feed/user/11/"):
        check(ask(client, other, claims=claims), 403, 17)
    assert not Activity.objects.exists()


def test_a_feed_that_reads_as_one_of_another_group_does_not_exist(client):
    check(ask(client, "feed/user/x1/"), 400, 4)
    assert ask(client, "feed/userx/1/").status_code == 200


def test_a_persons_own_token_opens_nothing_yet(client):
    check(ask(client, "feed/user/1/", claims={"user_id": "1"}), 403, 17)


@pytest.mark.parametrize("path", ["", "nothing/", "feed/user/", "feed/user/1", "../admin/"])
def test_an_unknown_path_is_answered_in_json(client, path):
    answer = ask(client, path)
    assert answer.status_code == 404
    assert answer.json()["exception"]


def test_a_wrong_method_is_named_with_the_right_ones(client):
    answer = ask(client, "activities/", "delete")
    check(answer, 405, 17)
    assert answer["Allow"] == "GET, POST"


def test_a_bad_host_is_answered_like_any_other(client):
    assert ask(client, "feed/user/1/", host="evil.example").status_code == 200


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"actor": NaN}', b'"\\u0000"', b"[" * 5000])
def test_a_body_that_is_no_json_is_refused(client, body):
    answer = client.generic(
        "POST",
        f"/api/v1.0/feed/user/1/?api_key={conf.api_key()}",
        body,
        content_type="application/json",
        headers={"authorization": token(resource="*", action="*", feed_id="*")},
    )
    check(answer, 400, 4)


def test_a_body_that_is_too_large_is_refused(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    check(ask(client, "feed/user/1/", "post", body={"text": "x" * 200}), 413, 18)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["actor", "verb", "object", "to", "time", "data", "id"]), inner
        )
    ),
    max_leaves=8,
)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.sampled_from(list(paths())), st.sampled_from(["get", "post", "put", "delete"]), JSON)
def test_no_request_is_answered_by_an_error_of_ours(client, path, method, body):
    answer = ask(client, path, method, body=body)
    assert answer.status_code < 500
    assert answer.json()["duration"].endswith("ms")


def test_calls_in_process_join_the_callers_transaction(stream, feed, make):
    user = feed()
    with transaction.atomic():
        user.add_activity(make())
        transaction.set_rollback(True)
    assert user.get()["results"] == []


@pytest.mark.django_db(transaction=True)
def test_the_official_client_talks_to_it_over_a_socket(live_server, make):
    port = live_server.url.rpartition(":")[2]
    address = f"http://localhost:{port}/api/"
    stream = connect(conf.api_key(), conf.api_secret(), base_url=address)
    stream.session.trust_env = False
    user = stream.feed("user", "1")
    stream.feed("timeline", "1").follow("user", "1")
    added = user.add_activity(make(foreign_id="a:1"))
    assert stream.feed("timeline", "1").get()["results"][0]["id"] == added["id"]
    user.remove_activity(foreign_id="a:1")
    assert user.get()["results"] == []

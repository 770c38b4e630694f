"""Every response is a JSON object with a duration."""

import json
from http.client import HTTPConnection
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import UnreadablePostError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedserver import conf
from feedserver.http import respond
from feedserver.tests.calls import SERVER, call_api, check_error, paths, send, sign

pytestmark = pytest.mark.django_db

BARE = {"actor": "ana", "verb": "add", "object": "thing:1"}


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("feed/user/1/", "get", 200),
        ("feed/user/1/", "post", 201),
        ("feed/user/1/a:1/", "delete", 200),
        ("feed/user/1/follows/user:2/", "delete", 200),
        ("feed/user/1/followers/", "get", 200),
    ],
)
def test_success_status_depends_on_method(client, path, method, status):
    response = call_api(client, path, method, body=BARE)
    assert response.status_code == status
    assert response.json()["duration"].endswith("ms")
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["", "nothing/", "feed/user/", "feed/user/1", "../admin/"])
def test_unknown_path_is_json_404(client, path):
    check_error(call_api(client, path), 404, 16)


def test_unknown_user_and_object_not_found(client):
    check_error(call_api(client, "user/ghost/"), 404, 16)
    check_error(call_api(client, "collections/food/9/"), 404, 16)


def test_unknown_group_named(client):
    body = check_error(call_api(client, "feed/secret/1/"), 400, 6)
    assert body["exception"] == "FeedConfigException"
    assert body["detail"] == "The following feeds are not configured: 'secret'"


def test_invalid_field_named(client):
    body = check_error(call_api(client, "feed/user/1/", "post", body={**BARE, "verb": ""}), 400, 4)
    assert list(body["exception_fields"]) == ["verb"]


def test_existing_user_conflicts(client):
    assert call_api(client, "user/", "post", body={"id": "ana"}).status_code == 201
    check_error(call_api(client, "user/", "post", body={"id": "ana"}), 409, 22)


@pytest.mark.parametrize("method", ["delete", "brew"])
def test_wrong_method_lists_allowed(client, method):
    response = call_api(client, "activities/", method)
    check_error(response, 405, 17)
    assert response["Allow"] == "GET, POST"


def test_head_handled_as_get(client):
    assert call_api(client, "feed/user/1/", "head").status_code == 200
    assert call_api(client, "follow_many/", "head").status_code == 405


def test_invalid_host_accepted(client):
    assert call_api(client, "feed/user/1/", host="evil.example").status_code == 200
    assert call_api(client, "feed/user/1/", host="a b/c").status_code == 200


@pytest.mark.parametrize("path", ["feed/user/a%00b/", "user/%00/", "feed/user/1/a%00:1/"])
def test_nul_in_address_refused(client, path):
    check_error(call_api(client, path), 400, 4)
    check_error(call_api(client, "feed/user/1/", query="&id_lt=%00"), 400, 4)


def test_too_many_parameters_refused(client):
    check_error(call_api(client, "feed/user/1/", query="&a=1" * 1001), 400, 4)


BAD_BODIES = {
    "nothing": b"",
    "broken": b"{",
    "not text": b"\xff",
    "not a number": b'{"actor": NaN}',
    "too large a number": b'{"actor": 1e999}',
    "too long a number": b'{"actor": ' + b"1" * 5000 + b"}",
    "NUL": b'{"actor": "\\u0000"}',
    "NUL in a name": b'{"\\u0000": 1}',
    "half a character": b'{"actor": "\\ud800"}',
    "nested": b"[" * 5000,
    "nested below the parser's limit": b'{"a":' * 200 + b"1" + b"}" * 200,
    "a list": b"[]",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_invalid_json_refused(client, body):
    check_error(send(client, "feed/user/1/", "post", body=body), 400, 4)


def test_large_body_refused(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    check_error(call_api(client, "feed/user/1/", "post", body={"text": "x" * 200}), 413, 18)


class BrokenStream(BytesIO):
    def read(self, *args):
        raise UnreadablePostError("the connection broke")


def test_truncated_body_refused():
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/api/v1.0/feed/user/1/",
            "QUERY_STRING": f"api_key={conf.api_key()}",
            "CONTENT_LENGTH": "10",
            "HTTP_AUTHORIZATION": sign(SERVER),
            "wsgi.input": BrokenStream(),
        }
    )
    response = respond(request)
    assert (response.status_code, json.loads(response.content)["code"]) == (400, 4)


FIELDS = [
    "actor",
    "verb",
    "object",
    "to",
    "time",
    "data",
    "id",
    "activities",
    "target",
    "source",
    "foreign_id",
    "user_id",
]
VALUES = ["user:1", "user:2", ["user:3"], "2026-01-02T03:04:05"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*FIELDS, "activity_copy_limit", "keep_history"]),
            inner | st.sampled_from(VALUES),
        )
    ),
    max_leaves=12,
)
NAMES = ["limit", "offset", "id_lt", "filter", "ids", "foreign_ids", "timestamps", "foreign_id"]
QUERIES = st.dictionaries(
    st.sampled_from([*NAMES, "get_or_create", "keep_history", "activity_copy_limit"]),
    st.sampled_from(
        ["", "0", "-1", "9" * 30, "true", "%00", "%ff", "user:1,x", "a:1", "2026-01-01"]
    ),
    max_size=3,
).map(lambda query: "".join(f"&{name}={value}" for name, value in query.items()))


@pytest.mark.slow
@settings(
    max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.sampled_from(list(paths())),
    st.sampled_from(["get", "head", "post", "put", "delete"]),
    JSON | st.dictionaries(st.sampled_from(["data", "activities"]), JSON),
    QUERIES,
)
def test_random_requests_never_fail(client, path, method, body, query):
    response = call_api(client, path, method, body=body, query=query)
    assert response.status_code < 500, response.json()
    if method != "head":
        assert response.json()["duration"].endswith("ms")


@pytest.mark.slow
@settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.sampled_from(list(paths())), st.binary(max_size=30), st.text(max_size=30))
def test_random_bytes_and_paths_never_fail(client, path, body, end):
    for address in (path, path + end.replace("?", "").replace("#", "")):
        for method in ("post", "put"):
            response = send(client, address, method, body=body)
            assert response.status_code < 500
            assert response.json()["duration"].endswith("ms")


def test_unexpected_error_is_json(client, settings):
    settings.FEEDSERVER_GROUPS = None
    check_error(call_api(client, "feed/user/1/"), 500, -1)


@pytest.mark.django_db(transaction=True)
def test_connection_survives_errors_and_head(live_server):
    connection = HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=10)
    address = f"/api/v1.0/feed/user/1/?api_key={conf.api_key()}"
    headers = {"Authorization": sign(SERVER), "Host": "evil.example"}
    for method, status in [("POST", 400), ("HEAD", 200), ("PATCH", 405), ("GET", 200)]:
        connection.request(
            method, address, body=b"{" if method == "POST" else None, headers=headers
        )
        response = connection.getresponse()
        assert response.status == status
        content = response.read()
        assert method == "HEAD" or json.loads(content)["duration"]
    connection.close()

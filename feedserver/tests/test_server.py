"""The server without the project: only the feed API, for browsers of any origin."""

import json
import socket
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command

from feedserver import conf
from feedserver.server import FeedServer
from feedserver.tests.calls import SERVER, sign

# The server closes expired connections with each request.
transactional = pytest.mark.django_db(transaction=True)

FEED = "/api/v1.0/feed/user/1/"


@pytest.fixture(autouse=True)
def bare_project(settings):
    """Make the project's middleware and URLs unusable: the server must not load them."""
    settings.MIDDLEWARE = ["nothing.of.the.Kind"]
    settings.ROOT_URLCONF = "nothing.of.the.kind"


def serve(path, method="GET", *, token=None, body=b"", **environ):
    """Return status, headers and JSON of the response to a WSGI request."""
    answered = {}
    parts = FeedServer()(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": f"api_key={conf.api_key()}",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "HTTP_AUTHORIZATION": sign(SERVER) if token is None else token,
            "HTTP_ORIGIN": "https://elsewhere.example",
            "wsgi.input": BytesIO(body),
            "wsgi.url_scheme": "http",
            **environ,
        },
        lambda status, headers: answered.update(status=int(status[:3]), headers=dict(headers)),
    )
    return answered["status"], answered["headers"], json.loads(b"".join(parts))


@transactional
def test_serves_the_api():
    sent = json.dumps({"actor": "ana", "verb": "add", "object": "thing:1"}).encode()
    assert serve(FEED, "POST", body=sent)[0] == 201
    status, _, body = serve(FEED)
    assert status == 200
    assert [row["object"] for row in body["results"]] == ["thing:1"]


@transactional
@pytest.mark.parametrize("path", ["/", "/admin/", "/api/v1.0", "/healthz", "/nothing/"])
def test_serves_nothing_else(path):
    status, _, body = serve(path)
    assert (status, body["code"]) == (404, 16)
    assert body["duration"].endswith("ms")


@transactional
@pytest.mark.parametrize(
    "header",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "a b/c"},
        {"CONTENT_TYPE": "text/html; charset*=nope''x"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=x"},
    ],
)
def test_host_and_content_type_ignored(header):
    assert serve(FEED, "POST", body=b"{", **header)[0] == 400
    assert serve(FEED, **header)[0] == 200


@transactional
def test_preflight_needs_no_token():
    status, headers, body = serve(FEED, "OPTIONS", token="")
    assert status == 200
    assert body["duration"].endswith("ms")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "POST", "PUT", "DELETE"} <= set(
        headers["Access-Control-Allow-Methods"].split(", ")
    )
    assert {"authorization", "content-type", "stream-auth-type", "x-stream-client"} <= set(
        headers["Access-Control-Allow-Headers"].lower().split(",")
    )


@transactional
@pytest.mark.parametrize(("token", "status"), [(None, 200), ("", 401)])
def test_other_origins_read_responses(token, status):
    response = serve(FEED, token=token)
    assert response[0] == status
    assert response[1]["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response[1]
    assert "Set-Cookie" not in response[1]


def test_port_in_use_refused():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match="another process listens there"):
            call_command("feedserver", port=port)


@pytest.mark.parametrize("options", [{"port": 70000}, {"host": "nowhere.invalid"}, {"threads": 0}])
def test_invalid_options_refused(options):
    with pytest.raises(CommandError):
        call_command("feedserver", **{"port": 0, **options})

import time
from email.utils import formatdate

import pytest
import requests
from stream.exceptions import FeedConfigException, InputException, StreamApiException
from stream_django.client import stream_client

from feeds.stream.errors import (
    MAX_WAIT,
    Gone,
    NotStreamError,
    Permanent,
    RetryLater,
    Temporary,
    Unreachable,
    call,
    error_type,
    requested_wait,
)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InputException("bad", status_code=400), Permanent),
        (StreamApiException("too large", status_code=413), Permanent),
        (StreamApiException("none", status_code=404), Gone),
        (FeedConfigException("missing", status_code=400), Temporary),
        (StreamApiException("key", status_code=401), Unreachable),
        (StreamApiException("right", status_code=403), Unreachable),
        (StreamApiException("busy", status_code=429), Unreachable),
        (StreamApiException("down", status_code=502), Unreachable),
        (StreamApiException("no status"), Unreachable),
        (requests.ReadTimeout(), Unreachable),
        (NotStreamError("a proxy"), Unreachable),
        (KeyError("detail"), Unreachable),
    ],
)
def test_error_type_by_error(error, kind):
    assert error_type(error) is kind


def test_failure_keeps_client_error():
    def refuse():
        raise InputException("no such field", status_code=400)

    with pytest.raises(Permanent, match="InputException: no such field"):
        call(refuse)


def test_server_errors_may_be_too_large():
    assert Unreachable(requests.ReadTimeout()).may_be_too_large
    assert Unreachable(StreamApiException("down", status_code=500)).may_be_too_large
    assert not Unreachable(requests.ConnectionError()).may_be_too_large
    assert not Unreachable(RetryLater("wait", status_code=429, wait=5)).may_be_too_large


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("Retry-After", "30", 30),
        ("Retry-After", "0", 0),
        ("Retry-After", "86400", MAX_WAIT),
        ("Retry-After", "soon", 0),
        ("Retry-After", "-5", 0),
        ("Retry-After", "٣", 0),
        ("X-RateLimit-Reset", "", 0),
        ("X-RateLimit-Reset", "1", 0),
        ("X-RateLimit-Reset", "99999999999", MAX_WAIT),
    ],
)
def test_requested_wait_is_bounded(name, value, seconds):
    assert requested_wait({name: value}) == seconds


def test_requested_wait_accepts_timestamps():
    date = formatdate(time.time() + 60, usegmt=True)
    assert requested_wait({"Retry-After": date}) == pytest.approx(60, abs=2)
    reset = str(int(time.time()) + 40)
    assert requested_wait({"X-RateLimit-Reset": reset}) == pytest.approx(40, abs=2)


@pytest.mark.parametrize("status", [400, 404, 405, 409])
@pytest.mark.parametrize(
    "body", [b"<h1>Not Found</h1>", b"", b"null", b"[]", b'{"detail": "Not Found"}']
)
def test_foreign_refusal_raises_unreachable(status, body, faulty_stream):
    faulty_stream(status, body)
    with pytest.raises(Unreachable, match=f"answered with {status}"):
        call(stream_client.feed("user", "1").remove_activity, foreign_id="a:1")


def test_stream_404_raises_gone(faulty_stream):
    faulty_stream(404, b'{"exception": "DoesNotExistException", "detail": "no", "code": 16}')
    with pytest.raises(Gone):
        call(stream_client.feed("user", "1").remove_activity, foreign_id="a:1")


@pytest.mark.parametrize("status", [413, 414])
def test_length_status_is_always_permanent(status, faulty_stream):
    faulty_stream(status, b"<h1>Too Large</h1>")
    with pytest.raises(Permanent):
        call(stream_client.feed("user", "1").add_activity, {})

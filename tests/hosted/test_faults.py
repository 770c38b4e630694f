"""The proxy does what it says: the tests that use it rest on that."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from tests.hosted import faults
from tests.ports import free_port


class Echo(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(body)
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.heard = []
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(server):
    with faults.Proxy(free_port(), to=server.server_port) as proxy:
        yield proxy


@pytest.fixture
def post(proxy):
    """Return a function that posts by a session, whose connection stays open."""
    session = requests.Session()
    session.trust_env = False
    return lambda: session.post(f"http://localhost:{proxy.port}/", data="hello", timeout=0.2)


def test_call_passes_unchanged(server, proxy, post):
    answers = [post(), post()]
    assert [(answer.status_code, answer.text) for answer in answers] == [(201, "hello")] * 2
    assert server.heard == [b"hello"] * 2
    assert (proxy.calls, proxy.performed) == (2, 2)


def test_refuse_closes_open_connections(server, proxy, post):
    post()
    with proxy.failing(faults.refuse), pytest.raises(requests.ConnectionError):
        post()
    assert len(server.heard) == 1
    assert post().status_code == 201


def test_stalled_call_arrives_late(server, proxy, post):
    with proxy.failing(faults.stall(0.4)):
        with pytest.raises(requests.Timeout):
            post()
        assert server.heard == []
    assert server.heard == [b"hello"]


def test_reset_follows_completed_call(server, proxy, post):
    with proxy.failing(faults.reset), pytest.raises(requests.RequestException):
        post()
    assert server.heard == [b"hello"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.rate_limit, 429),
        (faults.fail, 500),
        (faults.garble, 200),
        (faults.misroute, 404),
    ],
)
def test_faulty_answer_skips_server(server, proxy, post, fault, status):
    with proxy.failing(fault):
        assert post().status_code == status
    assert server.heard == []


def test_half_alternates_faults(proxy, post):
    with proxy.failing(faults.half(faults.fail, faults.rate_limit)):
        assert [post().status_code for _ in range(5)] == [500, 201, 429, 201, 500]


def test_mend_waits_for_open_calls(server, proxy, post):
    proxy.set(faults.stall(0.3))
    with pytest.raises(requests.Timeout):
        post()
    started = time.monotonic()
    proxy.mend()
    assert time.monotonic() - started < 1
    assert server.heard == [b"hello"]

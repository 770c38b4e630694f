"""The server as a process: many connections, browsers, and a port in use."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import requests
import stream

from tests.conformance.conftest import new_id
from tests.conformance.servers import ROOT

# As many as the suite of the JavaScript client opens.
CONNECTIONS = 103
SECONDS = 60


def test_many_simultaneous_connections(server):
    start, user_id = threading.Barrier(CONNECTIONS), new_id()

    def add(number):
        client = stream.connect(server.key, server.secret, base_url=server.address, timeout=SECONDS)
        start.wait(SECONDS)
        activity = {"actor": "ana", "verb": "add", "object": f"thing:{number}"}
        return client.feed("user", user_id).add_activity(activity)["id"]

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        assert len(set(threads.map(add, range(CONNECTIONS)))) == CONNECTIONS


def test_preflight_from_another_origin(server):
    headers = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,stream-auth-type,x-stream-client",
    }
    answer = requests.options(f"{server.address}/api/v1.0/feed/user/1/", headers=headers, timeout=9)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    assert not answer.cookies


def test_second_server_on_port_refused(server):
    command = [sys.executable, "manage.py", "feedserver", "--port", str(server.port)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert second.returncode != 0
    assert "another process listens there" in second.stderr

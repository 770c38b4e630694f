"""The server as a process: many at once, browsers, and a port that is taken."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import requests
import stream

from tests.conformance.conftest import new_id
from tests.conformance.servers import ROOT

AT_ONCE = 103
SECONDS = 60


def test_it_takes_as_many_connections_at_once_as_a_clients_suite_opens(server):
    start, user_id = threading.Barrier(AT_ONCE), new_id()

    def add(number):
        client = stream.connect(server.key, server.secret, base_url=server.address, timeout=SECONDS)
        start.wait(SECONDS)
        activity = {"actor": "ana", "verb": "add", "object": f"target:{number}"}
        return client.feed("user", user_id).add_activity(activity)["id"]

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert len(set(threads.map(add, range(AT_ONCE)))) == AT_ONCE


def test_a_browser_of_another_origin_asks_first_and_may(server):
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


def test_a_second_server_on_its_port_says_that_it_is_taken(server):
    command = [sys.executable, "manage.py", "feedserver", "--port", str(server.port)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert second.returncode != 0
    assert "another process listens there" in second.stderr

"""The cost of a poll: `python -m benchmarks.poll`.

Requests per second and response times (p50 and p99) with 2 workers, of polls that return nothing
and of polls that return five changed notifications. They alternate with requests to
(a) a view of the same site that only evaluates `request.user.is_authenticated`, and
(b) `unread_list?max=5` of django-notifications-community, five unread, on a plain Django site.
On SQLite with sessions in the database, and on PostgreSQL with sessions in Redis
(BENCH_REDIS_URL).
"""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from benchmarks import runner

REDIS = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/15")
HERE = Path(__file__).parent
COMMUNITY = HERE / "community"
# Workers of the server, and threads of each.
SERVER_SIZE = (2, 8)
CONNECTIONS, ROUNDS, SECONDS = 8, 7, 2


def measure():
    if os.environ["DATABASE_URL"].startswith("postgres"):
        os.environ["REDIS_URL"] = REDIS
    runner.set_up("benchmarks.settings")
    cookie, last = prepare()
    environment = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    with (
        runner.serving("socialnet.wsgi:application", HERE.parent, environment, SERVER_SIZE) as site,
        runner.serving(
            "project:application", COMMUNITY, community_environment(), SERVER_SIZE
        ) as other,
    ):
        community_cookie = prepare_community_environment()
        targets = {
            "unchanged": Target(site, f"/notifications/poll/?since={last!r}", cookie, b"[]"),
            "changed": Target(site, "/notifications/poll/?since=0", cookie, b"name 4"),
            "authenticated": Target(site, "/benchmarks/authenticated/", cookie, b"true"),
            "community": Target(
                other,
                "/notifications/api/unread_list/?max=5",
                community_cookie,
                b'"unread_count": 5',
            ),
        }
        for _ in range(ROUNDS):
            for target in targets.values():
                target.load(SECONDS)
    report(targets)


def prepare():
    """Return the session key of a user with five notifications, and the last timestamp."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from accounts.services import confirm
    from notifications.services import notify

    person = get_user_model().objects.create(username="reader", email="reader@example.org")
    confirm(person)
    for number in range(5):
        last = notify(person, f"name {number}", number)
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value, last.timestamp


def community_environment():
    """Return the environment of the other site, which has its own database file or schema."""
    url = os.environ["DATABASE_URL"]
    return {"DATABASE_URL": f"{url}.community" if url.startswith("sqlite") else url}


def prepare_community_environment():
    answer = subprocess.run(
        [sys.executable, "project.py"],
        cwd=COMMUNITY,
        env={**os.environ, **community_environment()},
        check=True,
        capture_output=True,
    )
    return answer.stdout.decode().strip()


class Target:
    """A URL and its response times."""

    def __init__(self, port, path, cookie, expected):
        self.port, self.expected = port, expected
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: sessionid={cookie}"]
        self.request = "\r\n".join([*lines, "", ""]).encode()
        self.rates, self.taken, self.problems = [], [], []

    def load(self, seconds):
        """Send requests on several connections for `seconds`, after a warm-up."""
        self.send_until(time.perf_counter() + seconds / 4, [])
        taken, deadline = [], time.perf_counter() + seconds
        threads = [
            threading.Thread(target=self.send_until, args=(deadline, taken))
            for _ in range(CONNECTIONS)
        ]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.problems:
            sys.exit(f"not the expected answer: {self.problems[0]!r}")
        self.rates.append(len(taken) / (time.perf_counter() - started))
        self.taken += taken

    def send_until(self, deadline, taken):
        with socket.create_connection(("127.0.0.1", self.port), 20) as connection:
            while time.perf_counter() < deadline:
                started = time.perf_counter()
                connection.sendall(self.request)
                try:
                    answer = read_response(connection)
                except OSError as error:
                    self.problems.append(error)
                    return
                taken.append((time.perf_counter() - started) * 1000)
                if b" 200 " not in answer[:20] or self.expected not in answer:
                    self.problems.append(answer)
                    return


def read_response(connection):
    """Read one response of the length in its Content-Length header."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += receive(connection)
    return head + b"\r\n\r\n" + body


def receive(connection):
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the connection was closed")
    return received


def report(targets):
    print(f"{'':14}{'requests/s':>11}{'p50 ms':>8}{'p99 ms':>8}")
    for name, target in targets.items():
        p99 = sorted(target.taken)[int(len(target.taken) * 0.99)]
        rate = statistics.median(target.rates)
        print(f"{name:14}{rate:11,.0f}{runner.p50(target.taken):8.1f}{p99:8.1f}")
    for name in ("authenticated", "community"):
        pairs = zip(targets["unchanged"].rates, targets[name].rates, strict=True)
        ratios = [unchanged / other for unchanged, other in pairs]
        print(f"unchanged / {name}: {statistics.median(ratios):.2f}", end="")
        print(f" ({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds)", flush=True)


if __name__ == "__main__":
    measure() if "--here" in sys.argv else runner.run_everywhere("benchmarks.poll")

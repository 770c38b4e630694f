"""A feed server in its own process, with an empty database."""

import os
import secrets
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

ROOT = Path(__file__).resolve().parents[2]
# The only port that clients with LOCAL=1 use.
LOCAL_PORT = 8000
START_SECONDS = 60


class Server(NamedTuple):
    port: int
    key: str
    secret: str

    @property
    def address(self):
        return f"http://localhost:{self.port}"

    @property
    def variables(self):
        """Return the environment by which both official clients find this server."""
        if self.port == LOCAL_PORT:
            return {"LOCAL": "1"}
        names = ("STREAM_BASE_URL", "STREAM_PERSONALIZATION_URL", "STREAM_ANALYTICS_URL")
        services = ("api", "personalization", "analytics")
        return {
            name: f"{self.address}/{service}/"
            for name, service in zip(names, services, strict=True)
        }


@contextmanager
def running_server(port, folder, *, credentials=None, settings="tests.conformance.settings"):
    """Run the command of `make conformance-server` until the block ends.

    `credentials` are key and secret; without them random ones are used.
    """
    server = Server(port, *(credentials or ("conformance", secrets.token_hex(32))))
    with empty_database(folder) as url:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "FEEDSERVER_API_KEY": server.key,
            "FEEDSERVER_API_SECRET": server.secret,
        }
        command = [sys.executable, "manage.py", "feedserver", "--migrate", "--port", str(port)]
        process = subprocess.Popen([*command, "--settings", settings], cwd=ROOT, env=environment)
        try:
            wait_for(process, port)
            yield server
        finally:
            process.terminate()
            process.wait(START_SECONDS)


@contextmanager
def empty_database(folder):
    """Return the URL of an empty database on the server in DATABASE_URL, or on SQLite."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{folder}/feeds.sqlite3"
        return
    name = f"conformance_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{url.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def wait_for(process, port):
    """Wait until the server accepts connections; fail if it exits or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "The feed server ended: see above."
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("The feed server does not answer.")

"""Fixtures: one server for the whole run, and clients that connect to it."""

import json
import os
import subprocess
import uuid

import pytest
import stream

from tests.conformance.recorder import Record, Recorded
from tests.conformance.servers import LOCAL_PORT, ROOT, running_server

JAVASCRIPT = ROOT / "tests" / "conformance" / "javascript"
JAVASCRIPT_SECONDS = 300


def pytest_collection_modifyitems(items):
    """Run the table's tests last: the table has the results of the others."""
    items.sort(key=lambda item: item.path.name == "test_table.py")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    port = int(os.environ.get("PORT") or LOCAL_PORT)
    with running_server(port, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def records():
    """Return the records of the tests in Python so far."""
    return set()


@pytest.fixture(params=["sync", "async"])
def client(request, server, records, monkeypatch):
    """Return the official Python client, synchronous or asynchronous."""
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    base_url = None if server.port == LOCAL_PORT else server.address
    kind, test = request.param, request.node.originalname
    part = stream.connect(server.key, server.secret, base_url=base_url, use_async=kind == "async")
    return Recorded(part, lambda method, result: records.add(Record(kind, method, test, result)))


@pytest.fixture
def feed(client):
    """Return a function that makes a feed with an id that no other test uses."""
    return lambda slug="user": client.feed(slug, new_id())


def new_id():
    return uuid.uuid4().hex


@pytest.fixture(scope="session")
def javascript(server, tmp_path_factory):
    """Run the tests in JavaScript; return the process, the records and the names of all methods."""
    folder = tmp_path_factory.mktemp("javascript")
    environment = {
        **os.environ,
        **server.variables,
        "FEEDSERVER_API_KEY": server.key,
        "FEEDSERVER_API_SECRET": server.secret,
        "FEEDSERVER_ADDRESS": server.address,
        "RECORDS": str(folder),
        # The server listens on IPv4 only; older versions of node try IPv6 first and fail.
        "NODE_OPTIONS": "--dns-result-order=ipv4first",
    }
    run = subprocess.run(
        ["node", "--test"],
        cwd=JAVASCRIPT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=JAVASCRIPT_SECONDS,
    )
    written = [json.loads(file.read_text()) for file in folder.glob("*.json")]
    records = {Record(*row) for part in written for row in part["records"]}
    methods = {name for part in written for name in part["methods"]}
    return run, records, methods

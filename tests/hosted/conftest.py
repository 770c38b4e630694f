"""Hosted mode: the site in this process, its feeds in another one, and faults between them.

What the site does here it does over HTTP: `make hosted` runs it with settings of their own.
"""

import time
from urllib.parse import urlsplit

import pytest
import stream
from django.conf import settings
from django.utils import timezone

from feeds.delivery import deliver_pending
from feeds.models import OutboxEntry
from tests.conformance.servers import running_server
from tests.hosted.faults import Proxy
from tests.ports import free_port

RECOVERY_SECONDS = 60


def pytest_collection_modifyitems(session, config, items):
    if settings.FEEDS_EMBEDDED:
        pytest.exit("Hosted mode needs settings of its own: make hosted.", returncode=4)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Start the feed server, with a database of its own that lasts for all tests."""
    with running_server(
        free_port(),
        tmp_path_factory.mktemp("feeds"),
        credentials=(settings.STREAM_API_KEY, settings.STREAM_API_SECRET),
        settings="tests.hosted.feedserver_settings",
    ) as server:
        yield server


@pytest.fixture(scope="session")
def running_proxy(server):
    with Proxy(urlsplit(settings.STREAM_BASE_URL).port, to=server.port) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def proxy(running_proxy):
    """Return the proxy between site and server, reset to pass everything on."""
    running_proxy.mend()
    yield running_proxy
    running_proxy.mend()


@pytest.fixture
def recover():
    """Return a function that lets time pass until all is due, and the worker deliver it."""
    pending = OutboxEntry.objects.filter(state=OutboxEntry.State.PENDING)

    def deliver_all():
        deadline = time.monotonic() + RECOVERY_SECONDS
        while entry := pending.first():
            assert time.monotonic() < deadline, f"still not delivered: {entry.error}"
            pending.update(due_at=timezone.now(), claimed_until=None)
            deliver_pending()

    return deliver_all


@pytest.fixture(scope="session")
def stream_itself(server):
    """Return the official client without the proxy, to read the feeds."""
    return stream.connect(server.key, server.secret, base_url=server.address)

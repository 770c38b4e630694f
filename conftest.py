"""Fixtures that every app's tests may use."""

import gc
import os
from random import Random

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from requests import ConnectionError
from requests.adapters import BaseAdapter
from requests.models import Response
from stream_django.client import stream_client

from tests import databases
from tests.factories import with_feeds


def pytest_collection_modifyitems(config, items):
    """Keep SLOW_SHARE of the slow tests: SEED decides which, the same in every process."""
    share, seed = float(os.environ.get("SLOW_SHARE", "1")), os.environ.get("SEED", "")

    def is_dropped(item):
        drawn = Random(f"{seed} {item.nodeid}").random()
        return drawn >= share and item.get_closest_marker("slow")

    dropped = [item for item in items if is_dropped(item)]
    items[:] = [item for item in items if not is_dropped(item)]
    config.hook.pytest_deselected(items=dropped)


def pytest_collection_finish(session):
    """Spare the garbage collector the modules: it would walk them all again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    with django_db_blocker.unblock():
        remove = databases.create()
    yield
    with django_db_blocker.unblock():
        remove()


@pytest.fixture(autouse=True, scope="session")
def fast_flush():
    """Empty tables in the way that `tests.databases` has, after tests that commit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", databases.empty_tables)
        yield


@pytest.fixture(autouse=True)
def empty_cache():
    """Forget what earlier tests counted: rate limits live in the cache."""
    cache.clear()


@pytest.fixture(name="with_feeds")
def all_with_feeds():
    """Let every factory save its rows as the site does: with feeds, search and e-mail address."""
    with with_feeds():
        yield


# Tests of what is published: they ask for one of these.
FEED_FIXTURES = {
    *("deliver", "entries", "groups_of", "objects_of"),
    *("faulty_stream", "interrupt", "picky_stream", "states"),
}


@pytest.fixture(autouse=True)
def feeds_where_needed(request):
    if FEED_FIXTURES & {*request.fixturenames}:
        request.getfixturevalue("with_feeds")


@pytest.fixture(autouse=True)
def language():
    """Begin each test in the site's own language: a request leaves its own to its thread."""
    with override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def signed_in(client):
    """Return a function that signs somebody in and returns the client."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def queries_of():
    """Return a function that counts the queries of a GET which has been made once before."""

    def count(client, address):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    return count


@pytest.fixture
def deliver(db):
    """Return the function that delivers every outbox entry that is due."""
    from feeds.outbox.delivery import deliver_pending

    return deliver_pending


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Return the context manager in which on_commit callbacks run as they would after a commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


class FaultyAdapter(BaseAdapter):
    """A Stream that is out of reach, or answers every call with `status` and `body`."""

    def __init__(self, status=None, body=b"", headers=None):
        super().__init__()
        self.status, self.body, self.headers = status, body, headers or {}

    def send(self, request, **kwargs):
        if self.status is None:
            raise ConnectionError("Stream is out of reach")
        response = Response()
        response.status_code, response._content = self.status, self.body
        response.headers.update(self.headers)
        response.request, response.url, response.encoding = request, request.url, "utf-8"
        return response

    def close(self):
        """There is nothing to close."""


@pytest.fixture
def faulty_stream():
    """Return a function that makes Stream fail, and returns the one that mends it."""
    adapters = dict(stream_client.session.adapters)

    def mend():
        stream_client.session.adapters.clear()
        stream_client.session.adapters.update(adapters)

    def fail(status=None, body=b"", headers=None):
        for prefix in ("https://", "http://"):
            stream_client.session.mount(prefix, FaultyAdapter(status, body, headers))
        return mend

    yield fail
    mend()


@pytest.fixture
def broken_stream(faulty_stream):
    """Stream is out of reach for the whole test; returns the function that brings it back."""
    return faulty_stream()

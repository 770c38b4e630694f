"""Fixtures. A bare project (`make alone`) publishes nothing, so it skips tests of publishing."""

import json

import pytest
from django.apps import apps
from requests import Response
from requests.adapters import BaseAdapter
from stream_django.client import stream_client

from feeds.models import OutboxEntry

PUBLISHING = (
    *("admin", "check_feeds", "check_stream", "crashes", "deliver_feeds", "delivery"),
    *("managers", "operations", "readers", "views"),
)
is_bare = not apps.is_installed("collections_app")
collect_ignore = [f"test_{name}.py" for name in PUBLISHING] if is_bare else []


@pytest.fixture(autouse=True)
def published(with_feeds):
    """Save rows as the site does: most of these tests are about what is published."""


class PickyAdapter:
    """The embedded server, except that calls that contain `text` are refused with `status`."""

    def __init__(self, server, text, status):
        self.server, self.text, self.status, self.calls = server, text, status, []

    def send(self, request, **options):
        self.calls.append(f"{request.method} {request.path_url.split('?')[0]}")
        if self.text not in f"{request.path_url} {request.body}":
            return self.server.send(request, **options)
        names = {"exception": "InputException", "code": 4, "detail": f"no {self.text}"}
        response = Response()
        response.status_code, response.request, response.encoding = self.status, request, "utf-8"
        response.url = request.url
        response._content = json.dumps({**names, "status_code": self.status}).encode()
        return response


@pytest.fixture
def same_adapters():
    """Restore the adapters of Stream's client after the test."""
    adapters = dict(stream_client.session.adapters)
    yield
    stream_client.session.adapters.clear()
    stream_client.session.adapters.update(adapters)


@pytest.fixture
def interrupt(same_adapters):
    """Return a function that replaces calls to a path of Stream's by `act`."""

    def mount(path, act):
        class Interruption(BaseAdapter):
            def send(self, request, **kwargs):
                act()

            def close(self):
                pass

        stream_client.session.mount(stream_client.get_full_url("api", path), Interruption())

    return mount


@pytest.fixture
def picky_stream(same_adapters):
    """Return a function that makes Stream refuse calls that contain a text; returns the adapter."""

    def refuse(text, status=400):
        picky = PickyAdapter(stream_client.session.get_adapter("https://"), text, status)
        for prefix in ("https://", "http://"):
            stream_client.session.mount(prefix, picky)
        return picky

    return refuse


@pytest.fixture
def states():
    """Return a function that returns subject and state of every entry, in the order written."""
    rows = OutboxEntry.objects.order_by("id")
    return lambda: list(rows.values_list("subject", "state"))

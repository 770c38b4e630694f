import uuid

import pytest
from stream.client import StreamClient

from feedserver import conf
from feedserver.transport import FeedServerAdapter


@pytest.fixture(autouse=True)
def groups(settings):
    # Independent of the project's settings: tests of the log enable it.
    settings.FEEDSERVER_AUDIT_LOG = False
    settings.FEEDSERVER_GROUPS = {
        "user": {"type": "flat"},
        "userx": {"type": "flat"},
        "timeline": {"type": "flat"},
        "aggregated": {"type": "aggregated", "activities": 3},
        "notification": {"type": "notification"},
        "own": {"type": "notification", "own_seen": True},
        "returning": {"type": "notification", "returning_seen": True},
        "by_actor": {"type": "aggregated", "format": "{{ actor }}_{{ verb }}"},
    }


@pytest.fixture
def stream(db):
    """Return the official Python client, connected to the server in this process."""
    client = StreamClient(conf.api_key(), conf.api_secret(), None)
    client.session.mount("https://", FeedServerAdapter())
    client.session.trust_env = False
    return client


@pytest.fixture
def feed(stream):
    """Return a function that makes a feed with an id that no other test uses."""
    return lambda slug="user": stream.feed(slug, uuid.uuid4().hex)


def activity(number=1, **fields):
    return {"actor": "ana", "verb": "add", "object": f"thing:{number}", **fields}


@pytest.fixture
def make():
    return activity

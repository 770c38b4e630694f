"""What Stream refuses: until somebody sets it right, or for good and until staff say again."""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.urls import reverse
from stream_django.client import stream_client

from accounts.tests.factories import SuperuserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.delivery import deliver_pending
from feeds.models import OutboxEntry
from tests.conformance.servers import running_server
from tests.hosted import faults
from tests.hosted.comparison import differences
from tests.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def collection(recover):
    """Return a collection that is on the feeds, as all before it."""
    collection = CollectionFactory()
    recover()
    return collection


@pytest.fixture
def elsewhere(proxy, tmp_path):
    """Return a context manager in which another server answers: it lacks the site's groups."""

    @contextmanager
    def answer(key):
        credentials = (key, settings.STREAM_API_SECRET)
        usual = proxy.to
        with running_server(free_port(), tmp_path, credentials=credentials) as other:
            proxy.to = other.port
            try:
                yield
            finally:
                proxy.to = usual

    return answer


def check_waiting(reason):
    """Assert that the one entry left was tried, and is due to be retried."""
    deliver_pending()
    entry = OutboxEntry.objects.exclude(state=OutboxEntry.State.DELIVERED).get()
    assert (entry.state, entry.attempts) == (OutboxEntry.State.PENDING, 1)
    assert reason in entry.error


def test_a_wrong_secret_parks_nothing(collection, monkeypatch, recover, stream_itself):
    ContentFactory(collection=collection)
    with monkeypatch.context() as mistaken:
        mistaken.setattr(stream_client, "api_secret", "of another app, and as long as one must be")
        check_waiting("SignatureException")
    recover()
    assert differences(stream_itself) == []


@pytest.mark.parametrize(
    ("key", "reason"), [("another", "ApiKeyException"), ("hosted", "FeedConfigException")]
)
def test_an_unknown_key_or_group_parks_nothing(
    collection, elsewhere, recover, stream_itself, key, reason
):
    ContentFactory(collection=collection)
    with elsewhere(key):
        check_waiting(reason)
    recover()
    assert differences(stream_itself) == []


@pytest.fixture
def refused(collection, proxy):
    """Return a link that Stream refused for good."""
    link = ContentFactory(collection=collection)
    with proxy.failing(faults.reject):
        deliver_pending()
    return link


def test_what_is_refused_for_good_is_parked_and_holds_nothing_up(
    refused, collection, recover, stream_itself
):
    later = ContentFactory(collection=collection)
    recover()
    assert OutboxEntry.objects.get(state=OutboxEntry.State.FAILED).subject.endswith(
        f":{refused.pk}"
    )
    (activity,) = stream_itself.feed("collection", collection.pk).get()["results"]
    assert activity["foreign_id"] == later.activity_foreign_id


def test_staff_see_why_and_have_it_tried_again(refused, client, recover, stream_itself):
    client.force_login(SuperuserFactory())
    assert client.get(reverse("admin:index")).status_code == 200
    address = reverse("admin:feeds_outboxentry_changelist")
    assert b"This is refused for good." in client.get(address, {"state": "failed"}).content
    entry = OutboxEntry.objects.get(state=OutboxEntry.State.FAILED)
    client.post(address, {"action": "retry", "_selected_action": [entry.pk]})
    recover()
    assert not OutboxEntry.objects.exclude(state=OutboxEntry.State.DELIVERED).exists()
    assert differences(stream_itself) == []

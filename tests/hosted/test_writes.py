"""Writing while Stream fails: pages answer, and later each target is on the feeds exactly once."""

import re

import pytest
from django.urls import reverse
from stream_django.client import stream_client

from accounts.models import User
from accounts.tests.factories import UserFactory
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.outbox.delivery import deliver_pending
from follows.models import CollectionFollow, Follow
from tests.hosted import faults
from tests.hosted.comparison import differences

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long sentence nobody guesses"
STALL_SECONDS = 0.5
FAULTS = {
    "refused": faults.refuse,
    "stalled": faults.stall(STALL_SECONDS),
    "reset": faults.reset,
    "429": faults.rate_limit,
    "500": faults.fail,
    "garbage": faults.garble,
    "404": faults.misroute,
    "half": faults.half(faults.reset, faults.fail),
}


@pytest.fixture(params=FAULTS)
def fault(request, monkeypatch):
    if request.param == "stalled":
        monkeypatch.setattr(stream_client, "timeout", STALL_SECONDS / 2)
    return FAULTS[request.param]


@pytest.fixture
def post(client, proxy):
    """Return a function that posts a form as somebody, and lets the worker try to deliver."""

    def send(person, address, **data):
        client.force_login(person)
        called = proxy.calls
        response = client.post(address, data)
        assert response.status_code == 302, response.content
        assert proxy.calls == called, "a page waited for Stream"
        deliver_pending()

    return send


def check_deliveries():
    """All is delivered, not all of it at the first try, and in the order written per key."""
    entries = OutboxEntry.objects.all()
    assert not entries.exclude(state=OutboxEntry.State.DELIVERED).exists()
    assert entries.filter(attempts__gt=1).exists()
    for key in entries.values_list("key", flat=True).distinct():
        times = entries.filter(key=key).order_by("id").values_list("delivered_at", flat=True)
        assert list(times) == sorted(times)


def sign_up(client, mailoutbox):
    """Sign up as somebody new by the pages for it; return the person."""
    data = {"username": "ana", "email": "ana@example.org"}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(reverse("account_signup"), data | passwords).status_code == 302
    link = re.search(r"http://\S+(/accounts/confirm-email/\S+)", mailoutbox[-1].body)[1]
    assert client.post(link).status_code == 302
    return User.objects.get(username="ana", confirmed_at__isnull=False)


def test_row_made_during_fault_is_there_once(
    fault, proxy, client, mailoutbox, post, recover, stream_itself
):
    ben = UserFactory()
    theirs = CollectionFactory(author=ben)
    recover()
    with proxy.failing(fault):
        ana = sign_up(client, mailoutbox)
        post(ana, reverse("collections:create"), name="Typography", description="Letters.")
        own = Collection.objects.get(author=ana)
        for number in range(2):
            data = {"collection": own.pk, "url": f"https://example.org/{number}", "title": "Page"}
            post(ana, reverse("collections:add_link"), **data)
        post(ana, reverse("follows:follow", args=[ben.username]))
        post(ana, reverse("follows:follow_collection", args=[theirs.pk]))
    recover()
    assert differences(stream_itself) == []
    check_deliveries()


def test_change_during_fault_applies_once(fault, proxy, post, recover, stream_itself):
    ana, ben = UserFactory(username="ana"), UserFactory()
    own, other = CollectionFactory.create_batch(2, author=ana)
    changed, deleted = ContentFactory.create_batch(2, collection=own)
    ContentFactory(collection=other)
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, own)
    recover()
    with proxy.failing(fault):
        post(ana, reverse("collections:edit", args=[own.pk]), name="Type", description="Letters.")
        data = {"url": changed.url, "title": "A book", "description": ""}
        post(ana, reverse("collections:edit_link", args=[changed.pk]), **data)
        post(ana, reverse("collections:delete_link", args=[deleted.pk]))
        post(ana, reverse("collections:delete", args=[other.pk]))
        post(ana, reverse("accounts:edit_profile"), username="ana", name="Ana Lima Souza")
        post(ben, reverse("follows:unfollow", args=["ana"]))
        post(ben, reverse("follows:unfollow_collection", args=[own.pk]))
    recover()
    assert differences(stream_itself) == []
    check_deliveries()
    (activity,) = stream_itself.feed("collection", own.pk).get()["results"]
    assert activity["title"] == Content.objects.get().title == "A book"


def test_row_deleted_during_fault_is_nowhere(fault, proxy, post, recover, stream_itself):
    ana, ben = UserFactory(username="ana"), UserFactory()
    with proxy.failing(fault):
        post(ana, reverse("collections:create"), name="Typography", description="Letters.")
        own = Collection.objects.get()
        data = {"collection": own.pk, "url": "https://example.org/", "title": "Page"}
        post(ana, reverse("collections:add_link"), **data)
        post(ben, reverse("follows:follow_collection", args=[own.pk]))
        post(ana, reverse("collections:delete", args=[own.pk]))
    recover()
    assert differences(stream_itself) == []
    check_deliveries()
    assert stream_itself.feed("timeline", ben.pk).get()["results"] == []

"""Permissions and rate limits for messages."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import services
from accounts.tests.factories import (
    ModeratorFactory,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)
from follows.models import Follow
from messaging.models import Message
from messaging.services import send

pytestmark = pytest.mark.django_db

SENTENCE = "This person cannot be contacted."


@pytest.fixture
def ana():
    return UserFactory(username="ana", date_joined=timezone.now() - timedelta(days=2))


@pytest.fixture
def ben():
    return UserFactory(username="ben")


def write(client, person, body="Hello."):
    return client.post(f"/messages/with/{person.username}/", {"body": body})


def test_members_can_message(signed_in, ana, ben):
    assert write(signed_in(ana), ben).status_code == 302
    assert Message.objects.get().recipient == ben


@pytest.mark.parametrize("blocker", ["sender", "recipient"])
def test_block_stops_new_messages(signed_in, ana, ben, blocker):
    client = signed_in(ana)
    write(client, ben, "Before.")
    pair = {"sender": (ana, ben), "recipient": (ben, ana)}[blocker]
    services.block(blocker=pair[0], blocked=pair[1])
    answer = write(client, ben)
    assert answer.status_code == 403
    assert SENTENCE in answer.content.decode()
    for person, other in ((ana, ben), (ben, ana)):
        page = signed_in(person).get(f"/messages/with/{other.username}/").content.decode()
        assert "Before." in page
        assert SENTENCE in page
    assert Message.objects.count() == 1


def test_block_looks_like_suspension(signed_in, ana, ben):
    services.block(blocker=ben, blocked=ana)
    blocked = signed_in(ana).get("/messages/with/ben/")
    suspended = signed_in(ana).get(f"/messages/with/{SuspendedUserFactory().username}/")
    assert blocked.status_code == suspended.status_code == 403
    assert SENTENCE in blocked.content.decode()
    assert SENTENCE in suspended.content.decode()


def test_unconfirmed_recipient_is_not_found(signed_in, ana):
    person = UnconfirmedUserFactory()
    client = signed_in(ana)
    assert client.get(f"/messages/with/{person.username}/").status_code == 404
    assert write(client, person).status_code == 404


def test_inactive_recipient_has_no_form(signed_in, ana, ben):
    client = signed_in(ana)
    write(client, ben, "Before.")
    type(ben).objects.filter(pk=ben.pk).update(is_active=False)
    page = client.get("/messages/with/ben/").content.decode()
    assert "Before." in page
    assert SENTENCE in page
    assert "<textarea" not in page


def test_suspended_sender_is_refused(ana, ben):
    services.suspend(person=ana, by=ModeratorFactory(), reason="Advertisements.")
    with pytest.raises(PermissionDenied, match="suspended"):
        send(sender=ana, recipient=ben, body="Buy this.")


def test_unconfirmed_sender_is_refused(signed_in, ben):
    answer = write(signed_in(UnconfirmedUserFactory()), ben)
    assert answer.status_code == 403
    assert "Confirm your e-mail address first" in answer.content.decode()


def test_sender_needs_permission(signed_in, ana, ben):
    ana.groups.clear()
    answer = write(signed_in(ana), ben)
    assert answer.status_code == 403
    assert "Your account may not write messages." in answer.content.decode()


class TestNewAccounts:
    def statuses(self, client, people):
        return [write(client, person).status_code for person in people]

    def test_five_messages_to_non_followers(self, signed_in):
        newcomer = UserFactory()
        client = signed_in(newcomer)
        assert self.statuses(client, UserFactory.create_batch(6)) == [302] * 5 + [429]
        follower = UserFactory()
        Follow.objects.follow(follower, newcomer)
        assert write(client, follower).status_code == 302

    def test_followers_are_not_limited(self, signed_in, settings):
        settings.MESSAGES_TO_STRANGERS_PER_DAY = 1
        settings.MESSAGES_PER_MINUTE = settings.MESSAGES_PER_DAY = 3
        newcomer, follower = UserFactory(), UserFactory()
        Follow.objects.follow(follower, newcomer)
        client = signed_in(newcomer)
        assert self.statuses(client, UserFactory.create_batch(5)) == [302] + [429] * 4
        assert self.statuses(client, [follower] * 3) == [302, 302, 429]

    def test_followed_people_are_limited(self, signed_in, ben, settings):
        settings.MESSAGES_TO_STRANGERS_PER_DAY = 1
        newcomer = UserFactory()
        Follow.objects.follow(newcomer, ben)
        assert self.statuses(signed_in(newcomer), [ben, ben]) == [302, 429]

    def test_no_limit_after_a_day(self, signed_in, ana, ben):
        assert self.statuses(signed_in(ana), [ben] * 7) == [302] * 7


class TestProfile:
    def has_link(self, client, person):
        page = client.get(person.get_absolute_url()).content.decode()
        return f"/messages/with/{person.username}/#write" in page

    def test_profile_links_to_conversation(self, signed_in, client, ana, ben):
        assert not self.has_link(client, ben)
        assert self.has_link(signed_in(ana), ben)
        assert not self.has_link(signed_in(ana), ana)
        assert not self.has_link(signed_in(UnconfirmedUserFactory()), ben)

    def test_no_link_if_blocked_or_suspended(self, signed_in, ana, ben):
        suspended = SuspendedUserFactory()
        assert not self.has_link(signed_in(ModeratorFactory()), suspended)
        services.block(blocker=ben, blocked=ana)
        assert not self.has_link(signed_in(ana), ben)
        assert not self.has_link(signed_in(ben), ana)

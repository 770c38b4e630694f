"""Who may write to whom on this site, and how often."""

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


def test_members_write_to_each_other(signed_in, ana, ben):
    assert write(signed_in(ana), ben).status_code == 302
    assert Message.objects.get().recipient == ben


@pytest.mark.parametrize("blocker", ["sender", "recipient"])
def test_nobody_writes_across_a_block_and_old_messages_stay(signed_in, ana, ben, blocker):
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


def test_a_block_reads_like_a_suspension(signed_in, ana, ben):
    services.block(blocker=ben, blocked=ana)
    blocked = signed_in(ana).get("/messages/with/ben/")
    suspended = signed_in(ana).get(f"/messages/with/{SuspendedUserFactory().username}/")
    assert blocked.status_code == suspended.status_code == 403
    assert SENTENCE in blocked.content.decode()
    assert SENTENCE in suspended.content.decode()


def test_nobody_writes_to_who_is_not_there_yet(signed_in, ana):
    person = UnconfirmedUserFactory()
    client = signed_in(ana)
    assert client.get(f"/messages/with/{person.username}/").status_code == 404
    assert write(client, person).status_code == 404


def test_with_who_was_switched_off_there_is_a_past_and_no_form(signed_in, ana, ben):
    client = signed_in(ana)
    write(client, ben, "Before.")
    type(ben).objects.filter(pk=ben.pk).update(is_active=False)
    page = client.get("/messages/with/ben/").content.decode()
    assert "Before." in page
    assert SENTENCE in page
    assert "<textarea" not in page


def test_who_was_suspended_while_they_wrote_sends_nothing(ana, ben):
    services.suspend(person=ana, by=ModeratorFactory(), reason="Advertisements.")
    with pytest.raises(PermissionDenied, match="suspended"):
        send(sender=ana, recipient=ben, body="Buy this.")


def test_who_has_not_confirmed_their_address_is_told_to(signed_in, ben):
    answer = write(signed_in(UnconfirmedUserFactory()), ben)
    assert answer.status_code == 403
    assert "Confirm your e-mail address first" in answer.content.decode()


def test_who_lost_the_permission_cannot_write(signed_in, ana, ben):
    ana.groups.clear()
    answer = write(signed_in(ana), ben)
    assert answer.status_code == 403
    assert "Your account may not write messages." in answer.content.decode()


class TestNewcomers:
    """Accounts younger than a day."""

    def statuses(self, client, people):
        return [write(client, person).status_code for person in people]

    def test_they_write_five_messages_a_day_to_strangers(self, signed_in):
        newcomer = UserFactory()
        client = signed_in(newcomer)
        assert self.statuses(client, UserFactory.create_batch(6)) == [302] * 5 + [429]
        follower = UserFactory()
        Follow.objects.follow(follower, newcomer)
        assert write(client, follower).status_code == 302

    def test_what_is_refused_leaves_room_for_who_follows_them(self, signed_in, settings):
        settings.MESSAGES_TO_STRANGERS_PER_DAY = 1
        settings.MESSAGES_PER_MINUTE = settings.MESSAGES_PER_DAY = 3
        newcomer, follower = UserFactory(), UserFactory()
        Follow.objects.follow(follower, newcomer)
        client = signed_in(newcomer)
        assert self.statuses(client, UserFactory.create_batch(5)) == [302] + [429] * 4
        assert self.statuses(client, [follower] * 3) == [302, 302, 429]

    def test_whom_they_follow_is_a_stranger_still(self, signed_in, ben, settings):
        settings.MESSAGES_TO_STRANGERS_PER_DAY = 1
        newcomer = UserFactory()
        Follow.objects.follow(newcomer, ben)
        assert self.statuses(signed_in(newcomer), [ben, ben]) == [302, 429]

    def test_after_a_day_they_are_none(self, signed_in, ana, ben):
        assert self.statuses(signed_in(ana), [ben] * 7) == [302] * 7


class TestTheProfile:
    def offers(self, client, person):
        page = client.get(person.get_absolute_url()).content.decode()
        return f"/messages/with/{person.username}/#write" in page

    def test_it_offers_a_message_to_others(self, signed_in, client, ana, ben):
        assert not self.offers(client, ben)
        assert self.offers(signed_in(ana), ben)
        assert not self.offers(signed_in(ana), ana)
        assert not self.offers(signed_in(UnconfirmedUserFactory()), ben)

    def test_not_across_a_block_nor_to_the_suspended(self, signed_in, ana, ben):
        suspended = SuspendedUserFactory()
        assert not self.offers(signed_in(ModeratorFactory()), suspended)
        services.block(blocker=ben, blocked=ana)
        assert not self.offers(signed_in(ana), ben)
        assert not self.offers(signed_in(ben), ana)

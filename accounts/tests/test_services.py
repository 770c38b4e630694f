from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import services
from accounts.signals import person_blocked, person_suspended, person_unsuspended
from accounts.tests.factories import (
    ModeratorFactory,
    SuperuserFactory,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)
from feeds.models import OutboxEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]
Person = get_user_model()


def queued(person):
    """Return the queued operations on the Stream user of `person`, oldest first."""
    entries = OutboxEntry.objects.filter(key=f"user:{person.pk}", operation__endswith="_user")
    return list(entries.order_by("pk").values_list("operation", flat=True))


@pytest.fixture
def received():
    """Collect the signals of suspensions in order."""
    signals = []

    def suspended(person, **kwargs):
        signals.append(("suspended", person.pk, person.is_suspended))

    def lifted(person, **kwargs):
        signals.append(("lifted", person.pk, person.is_suspended))

    person_suspended.connect(suspended)
    person_unsuspended.connect(lifted)
    yield signals
    person_suspended.disconnect(suspended)
    person_unsuspended.disconnect(lifted)


def test_confirming_makes_a_member_with_a_stream_user():
    person = services.confirm(UnconfirmedUserFactory())
    assert person.is_confirmed
    assert list(person.groups.values_list("name", flat=True)) == ["Members"]
    assert EmailAddress.objects.get(user=person, verified=True, primary=True)
    assert queued(person) == ["set_user"]


def test_confirming_twice_changes_nothing():
    person = services.confirm(UnconfirmedUserFactory())
    first = person.confirmed_at
    assert services.confirm(Person.objects.get(pk=person.pk)).confirmed_at == first
    assert queued(person) == ["set_user"]


def test_admin_emails_apply_at_confirmation_only(settings):
    settings.ADMIN_EMAILS = ["boss@example.com"]
    person = services.confirm(UnconfirmedUserFactory(email="boss@example.com"))
    assert (person.is_staff, person.is_superuser) == (True, True)
    Person.objects.update(is_superuser=False, is_staff=False)
    assert not services.confirm(Person.objects.get()).is_superuser


def test_suspend_ends_sessions_and_stream_user(ana, client, received):
    moderator = ModeratorFactory()
    client.post("/accounts/login/", {"login": "ana", "password": "correct horse battery staple"})
    assert client.session.get("_auth_user_id") == str(ana.pk)
    services.suspend(person=ana, by=moderator, reason="Advertisements.")
    ana.refresh_from_db()
    assert ana.is_suspended
    assert ana.suspension_reason == "Advertisements."
    assert not ana.usersession_set.exists()
    assert client.session.get("_auth_user_id") is None
    assert received == [("suspended", ana.pk, True)]
    assert queued(ana) == ["set_user", "delete_user"]
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (moderator, str(ana.pk))
    assert entry.change_message == "Suspended: Advertisements."


def test_suspend_twice_sends_once(ana, received):
    moderator = ModeratorFactory()
    services.suspend(person=ana, by=moderator, reason="One.")
    until = timezone.now() + timedelta(days=1)
    person = services.suspend(person=ana, by=moderator, reason="Two.", until=until)
    assert (person.suspension_reason, person.suspended_until) == ("Two.", until)
    assert len(received) == 1
    assert LogEntry.objects.count() == 2


def test_unsuspend_restores_person(ana, received):
    moderator = ModeratorFactory()
    services.suspend(person=ana, by=moderator, reason="One.")
    person = services.unsuspend(person=ana, by=moderator, reason="A mistake.")
    assert person.is_visible
    assert person.suspension_reason == ""
    assert queued(ana) == ["set_user", "delete_user", "set_user"]
    assert received[-1] == ("lifted", ana.pk, False)
    assert LogEntry.objects.filter(change_message="Lifted suspension: A mistake.").exists()


def test_unsuspend_without_suspension_does_nothing(ana, received):
    services.unsuspend(person=ana, by=ModeratorFactory(), reason="Why not.")
    assert received == []
    assert not LogEntry.objects.exists()


def test_only_expired_suspensions_end(received):
    over = SuspendedUserFactory(suspended_until=timezone.now() - timedelta(seconds=1))
    SuspendedUserFactory(suspended_until=timezone.now() + timedelta(days=1))
    SuspendedUserFactory()
    assert services.unsuspend_expired() == 1
    assert received == [("lifted", over.pk, False)]
    assert services.unsuspend_expired() == 0


@pytest.mark.parametrize("change", [services.suspend, services.unsuspend])
def test_who_may_suspend_whom(ana, change):
    moderator, colleague = ModeratorFactory(), ModeratorFactory()
    for by, person in [(ana, moderator), (moderator, moderator), (moderator, colleague)]:
        with pytest.raises(PermissionDenied, match=r"\w+"):
            change(person=person, by=by, reason="Because.")
    superuser = SuperuserFactory()
    change(person=colleague, by=superuser, reason="Because.")
    with pytest.raises(PermissionDenied):
        change(person=superuser, by=superuser, reason="Because.")


def test_nobody_is_suspended_until_a_moment_gone_by(ana):
    with pytest.raises(ValidationError):
        services.suspend(person=ana, by=ModeratorFactory(), reason="One.", until=timezone.now())


def test_delete_leaves_no_row_or_stream_user(ana):
    pk = ana.pk
    services.delete_person(ana)
    assert not Person.objects.filter(pk=pk).exists()
    assert not EmailAddress.objects.exists()
    entries = OutboxEntry.objects.filter(key=f"user:{pk}").order_by("pk")
    assert entries.last().operation == "delete_user"
    services.delete_person(Person(pk=pk))


def test_staff_can_give_a_person_another_address(ana):
    services.change_email(person=ana, email="New@Example.com")
    assert ana.email == "new@example.com"
    assert EmailAddress.objects.get(user=ana).email == "new@example.com"
    assert queued(ana) == ["set_user", "set_user"]


def test_block_twice_sends_one_signal(ana):
    ben, received = UserFactory(), []

    def blocked(blocker, blocked, **kwargs):
        received.append((blocker, blocked))

    person_blocked.connect(blocked)
    try:
        assert [services.block(blocker=ana, blocked=ben) for _ in range(2)] == [True, False]
    finally:
        person_blocked.disconnect(blocked)
    assert received == [(ana, ben)]


def test_lazy_user_block_sends_signal(ana):
    ben, received = UserFactory(), []

    def blocked(blocker, blocked, **kwargs):
        received.append((blocker, blocked))

    person_blocked.connect(blocked, sender=get_user_model())
    try:
        services.block(blocker=SimpleLazyObject(lambda: ana), blocked=ben)
    finally:
        person_blocked.disconnect(blocked, sender=get_user_model())
    assert received == [(ana, ben)]


def test_nobody_blocks_or_is_blocked_who_is_gone(ana):
    ben = UserFactory()
    type(ben).objects.get(pk=ben.pk).delete()
    for blocker, blocked in ((ana, ben), (ben, ana)):
        with pytest.raises(get_user_model().DoesNotExist):
            services.block(blocker=blocker, blocked=blocked)


def test_a_block_is_lifted_by_whoever_made_it(ana):
    ben = UserFactory()
    services.block(blocker=ana, blocked=ben)
    assert not services.unblock(blocker=ben, blocked=ana)
    assert services.unblock(blocker=ana, blocked=ben)
    assert not services.unblock(blocker=ana, blocked=ben)
    services.check_may_contact(by=ben, person=ana)


def test_nobody_blocks_themselves(ana):
    with pytest.raises(ValidationError):
        services.block(blocker=ana, blocked=ana)


def test_refusal_does_not_reveal_block(ana):
    ben = UserFactory()
    services.block(blocker=ana, blocked=ben)
    sentences = set()
    for by, person in ((ana, ben), (ben, ana), (ana, SuspendedUserFactory())):
        with pytest.raises(PermissionDenied) as refusal:
            services.check_may_contact(by=by, person=person)
        sentences.add(str(refusal.value))
    assert sentences == {"This person cannot be contacted."}

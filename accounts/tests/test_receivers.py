import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from stream_django.client import stream_client

from accounts.tests.factories import SuspendedUserFactory, UnconfirmedUserFactory
from accounts.tests.test_services import queued
from feeds.models import OutboxEntry
from feeds.signals import worker_tick

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]
Person = get_user_model()


@pytest.mark.parametrize("field", ["name", "username", "email"])
def test_changed_field_is_sent(ana, field):
    setattr(ana, field, "new@example.com" if field == "email" else "new")
    ana.save()
    assert queued(ana) == ["set_user", "set_user"]


def test_other_fields_are_not_sent(ana):
    ana.set_password("another good passphrase")
    ana.save()
    ana.last_login = ana.last_seen = timezone.now()
    ana.save(update_fields=["last_login", "last_seen"])
    ana.about = "Letters."
    ana.save()
    assert queued(ana) == ["set_user"]


def test_unsaved_change_is_not_sent(ana):
    ana.name = "Not saved"
    ana.save(update_fields=["about"])
    assert queued(ana) == ["set_user"]


def test_stale_instance_overwriting_is_sent(ana):
    old = Person.objects.get(pk=ana.pk)
    ana.name = "Ana Maria"
    ana.save()
    old.save()
    assert queued(ana) == ["set_user"] * 3


def test_unconfirmed_person_is_not_sent():
    person = UnconfirmedUserFactory()
    person.name = "New"
    person.save()
    person.delete()
    assert not OutboxEntry.objects.filter(operation="set_user").exists()


def test_deleting_many_people_at_once_forgets_each(ana):
    key = f"user:{ana.pk}"
    Person.objects.all().delete()
    operations = OutboxEntry.objects.filter(key=key).values_list("operation", flat=True)
    assert "delete_user" in operations


def test_worker_tick_ends_expired_suspension():
    person = SuspendedUserFactory(suspended_until=timezone.now())
    worker_tick.send(sender=None)
    person.refresh_from_db()
    assert person.suspended_at is None


def test_stream_user_matches_person(ana, deliver, settings):
    settings.AVATAR_URL_TEMPLATE = "https://pictures.example/{hash}"
    ana.name = "Ana Maria"
    ana.save()
    deliver()
    data = stream_client.users.get(str(ana.pk))["data"]
    assert (data["username"], data["name"]) == ("ana", "Ana Maria")
    before = data["avatar"]
    ana.email = "other@example.com"
    ana.save()
    deliver()
    assert stream_client.users.get(str(ana.pk))["data"]["avatar"] != before

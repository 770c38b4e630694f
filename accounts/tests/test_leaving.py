"""Deleting one's own account."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.signals import collecting_lock_targets
from accounts.tests.factories import SuperuserFactory, UserFactory

PAGE = reverse("accounts:delete")
PASSWORD = "a password of their own"


@pytest.fixture
def ana(db):
    person = UserFactory(username="ana")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def reauthenticated(client, ana):
    """Return a client that has just entered the password."""
    client.force_login(ana)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_the_password_is_asked_for_first(client, ana):
    client.force_login(ana)
    answer = client.post(PAGE, {"username": "ana"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert get_user_model().objects.filter(pk=ana.pk).exists()


def test_typed_name_deletes_and_signs_out(reauthenticated, ana):
    answer = reauthenticated.post(PAGE, {"username": "Ana"}, follow=True)
    assert b"Your account and all that was yours are gone." in answer.content
    assert not get_user_model().objects.filter(pk=ana.pk).exists()
    assert not answer.context["user"].is_authenticated


def test_who_cannot_be_deleted_stays_signed_in(reauthenticated, ana):
    def refuse(**kwargs):
        raise ValidationError("Not now.")

    collecting_lock_targets.connect(refuse)
    try:
        with pytest.raises(ValidationError):
            reauthenticated.post(PAGE, {"username": "ana"})
    finally:
        collecting_lock_targets.disconnect(refuse)
    assert reauthenticated.get("/").context["user"] == ana


def test_another_name_deletes_nothing(reauthenticated, ana):
    answer = reauthenticated.post(PAGE, {"username": "ben"})
    assert answer.status_code == 422
    assert get_user_model().objects.filter(pk=ana.pk).exists()


def test_looking_at_the_page_deletes_nothing(reauthenticated, ana):
    assert reauthenticated.get(PAGE).status_code == 200
    assert get_user_model().objects.filter(pk=ana.pk).exists()


@pytest.mark.django_db
def test_the_only_administrator_stays(client):
    boss = SuperuserFactory(username="boss")
    boss.set_password(PASSWORD)
    boss.save()
    client.force_login(boss)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(PAGE, {"username": "boss"}).status_code == 403
    assert get_user_model().objects.filter(pk=boss.pk).exists()

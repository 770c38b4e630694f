"""Deleting one's own account."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.signals import person_concerned
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
def known(client, ana):
    """A client that has just given the password."""
    client.force_login(ana)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_the_password_is_asked_for_first(client, ana):
    client.force_login(ana)
    answer = client.post(PAGE, {"username": "ana"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert get_user_model().objects.filter(pk=ana.pk).exists()


def test_who_types_their_name_is_gone_and_signed_out(known, ana):
    answer = known.post(PAGE, {"username": "Ana"}, follow=True)
    assert b"Your account and all that was yours are gone." in answer.content
    assert not get_user_model().objects.filter(pk=ana.pk).exists()
    assert not answer.context["user"].is_authenticated


def test_who_cannot_be_deleted_stays_signed_in(known, ana):
    def refuse(**kwargs):
        raise ValidationError("Not now.")

    person_concerned.connect(refuse)
    try:
        with pytest.raises(ValidationError):
            known.post(PAGE, {"username": "ana"})
    finally:
        person_concerned.disconnect(refuse)
    assert known.get("/").context["user"] == ana


def test_another_name_deletes_nothing(known, ana):
    answer = known.post(PAGE, {"username": "ben"})
    assert answer.status_code == 422
    assert get_user_model().objects.filter(pk=ana.pk).exists()


def test_looking_at_the_page_deletes_nothing(known, ana):
    assert known.get(PAGE).status_code == 200
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

"""The account flows, from the form to the mail and back."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.contrib.auth import get_user_model
from django.db.models.signals import pre_save
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import (
    PASSWORD,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)
from accounts.tests.test_services import queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]
Person = get_user_model()


def sign_up(client, **fields):
    data = {"username": "ben", "email": "ben@example.com", "password1": PASSWORD}
    data = {**data, "password2": PASSWORD, **fields}
    return client.post(reverse("account_signup"), data)


def sign_in(client, login="ana", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": login, "password": password, **more})


def is_signed_in(client):
    return client.get("/users/").status_code == 200


def link_in(mail):
    link = re.search(r"https?://\S+", mail.body)[0]
    assert link.startswith(f"{site.SITE_URL}/accounts/")
    return link.removeprefix(site.SITE_URL)


def test_sign_up_confirms_by_mail(client, mailoutbox):
    response = sign_up(client)
    assert response.url == reverse("account_email_verification_sent")
    person = Person.objects.get(username="ben")
    assert (person.is_confirmed, queued(person)) == (False, [])
    link = link_in(mailoutbox[0])
    assert client.get(link).status_code == 200
    person.refresh_from_db()
    assert not person.is_confirmed  # opening a link changes nothing: mail scanners do it too
    client.post(link)
    person.refresh_from_db()
    assert person.is_confirmed
    assert queued(person) == ["set_user"]
    assert is_signed_in(client)


def test_unconfirmed_sign_in_resends_link(client, mailoutbox):
    UnconfirmedUserFactory(username="ben")
    response = sign_in(client, "ben")
    assert response.url == reverse("account_email_verification_sent")
    assert len(mailoutbox) == 1
    assert not is_signed_in(client)


def test_mail_ignores_request_host(client, mailoutbox):
    client.post(
        reverse("account_signup"),
        {
            "username": "ben",
            "email": "ben@example.com",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
        headers={"host": "localhost:6666"},
    )
    (mail,) = mailoutbox
    link_in(mail)
    assert site.SITE_NAME in mail.subject
    assert site.SITE_NAME in mail.body
    assert "localhost" not in mail.body


@pytest.mark.parametrize("backend", ["console", "smtp"])
def test_verification_page_says_where_mail_is(client, settings, backend):
    settings.MAIL_DELIVERY_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    page = client.get(reverse("account_email_verification_sent")).content.decode()
    assert ("in the terminal" in page) == (backend == "console")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "ANA"}, "This username is taken"),
        ({"username": "victim@example.com"}, "starts with a letter"),
        ({"username": "1ben"}, "starts with a letter"),
        ({"username": "b" * 65}, "at most 64 characters"),
        ({"email": "no address"}, "valid email address"),
        ({"email": "b" * 250 + "@example.com"}, "characters"),
        ({"password2": "something else entirely"}, "same password"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
    ],
)
def test_invalid_sign_up_keeps_input(client, ana, fields, sentence):
    response = sign_up(client, **fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert fields.get("username", "ben") in page
    assert Person.objects.count() == 1


def test_sign_up_does_not_reveal_addresses(client, ana, mailoutbox):
    response = sign_up(client, email="ANA@example.com")
    assert response.url == reverse("account_email_verification_sent")
    assert Person.objects.count() == 1
    assert mailoutbox[0].to == ["ana@example.com"]
    assert "already exists" in mailoutbox[0].body


@pytest.fixture
def rival(db):
    """Somebody who takes the name "ben" between the check of the form and the saving of the row."""

    def take_name(instance, **kwargs):
        Person.objects.bulk_create([Person(username="BEN", email="rival@example.com")])

    pre_save.connect(take_name, sender=Person)
    yield
    pre_save.disconnect(take_name, sender=Person)


def test_name_taken_meanwhile_shows_error(client, rival):
    response = sign_up(client, username="ben")
    assert response.status_code == 422
    assert "just took" in response.content.decode()
    assert not Person.objects.filter(email="ben@example.com").exists()


def test_closed_sign_up_says_so(client, settings):
    settings.SIGNUP = "closed"
    assert "no new accounts" in client.get(reverse("account_signup")).content.decode()
    assert "no new accounts" in sign_up(client).content.decode()
    assert not Person.objects.exists()


@pytest.mark.parametrize("login", ["ana", "ANA", "ana@example.com", "Ana@Example.com"])
def test_sign_in_ignores_case(client, ana, login):
    assert sign_in(client, login).url == reverse("home")
    assert is_signed_in(client)


@pytest.mark.parametrize("login", ["ana", "nobody", "nobody@example.com", ""])
def test_a_wrong_password_is_refused_with_a_sentence(client, ana, login):
    response = sign_in(client, login, "wrong")
    assert response.status_code == 422
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "target", ["//evil.com", "https://evil.com/", "/\\evil.com", "javascript:"]
)
def test_sign_in_refuses_foreign_redirect(client, ana, target):
    assert sign_in(client, next=target).url == reverse("home")


def test_after_signing_in_one_goes_where_one_wanted(client, ana):
    assert sign_in(client, next="/users/").url == "/users/"


def test_tries_are_limited_whatever_port_is_asked(client, ana):
    for port in range(5):
        client.post(
            reverse("account_login"),
            {"login": "ana", "password": "wrong"},
            headers={"host": f"localhost:{port + 1}"},
        )
    response = sign_in(client)
    assert response.status_code == 422
    assert "Too many failed" in response.content.decode()


def test_suspended_page_says_why_and_until(client):
    until = timezone.now() + timedelta(days=3)
    SuspendedUserFactory(username="ana", suspended_until=until, suspension_reason="Spam & more.")
    response = sign_in(client)
    page = response.content.decode()
    assert response.status_code == 403
    assert "Spam &amp; more." in page
    assert str(until.year) in page
    assert not is_signed_in(client)


def test_wrong_password_does_not_reveal_suspension(client):
    SuspendedUserFactory(username="ana")
    assert sign_in(client, password="wrong").status_code == 422


def test_sign_in_ends_expired_suspension(client):
    person = SuspendedUserFactory(username="ana", suspended_until=timezone.now())
    assert sign_in(client).url == reverse("home")
    person.refresh_from_db()
    assert person.suspended_at is None


def test_suspended_row_ends_session(signed_in, ana):
    client = signed_in(ana)
    assert is_signed_in(client)
    Person.objects.update(suspended_at=timezone.now())
    assert not is_signed_in(client)


def test_a_forgotten_password_is_reset_by_mail_once(client, ana, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": "ANA@example.com"})
    (mail,) = mailoutbox
    link = link_in(mail)
    form = client.get(link).url  # the key goes into the session, and out of the address
    new = {"password1": "another good passphrase", "password2": "another good passphrase"}
    client.post(form, new)
    ana.refresh_from_db()
    assert ana.check_password("another good passphrase")
    client.get(link)
    client.post(form, {"password1": "yet another phrase", "password2": "yet another phrase"})
    ana.refresh_from_db()
    assert ana.check_password("another good passphrase")


def test_reset_does_not_reveal_addresses(client, ana, mailoutbox):
    known = client.post(reverse("account_reset_password"), {"email": "ana@example.com"})
    unknown = client.post(reverse("account_reset_password"), {"email": "zoe@example.com"})
    assert known.url == unknown.url
    link_in(mailoutbox[1])


def ask_for_change(client, email):
    sign_in(client)
    asked = client.post(reverse("account_email"), {"email": email, "action_add": ""})
    assert asked.url.startswith(reverse("account_reauthenticate"))
    return client.post(asked.url, {"password": PASSWORD}, follow=True)


def test_a_new_address_counts_once_it_is_confirmed(client, ana, mailoutbox):
    ask_for_change(client, "New@Example.com")
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"
    mail = next(mail for mail in mailoutbox if mail.to == ["new@example.com"])
    client.post(link_in(mail))
    ana.refresh_from_db()
    assert ana.email == "new@example.com"
    assert EmailAddress.objects.get(user=ana).email == "new@example.com"
    assert queued(ana) == ["set_user", "set_user"]


def test_the_address_of_a_confirmed_person_stays_theirs(client, ana, mailoutbox):
    ben = UserFactory(username="ben")
    EmailAddress.objects.filter(user=ben).update(verified=False)
    ask_for_change(client, "ben@example.com")
    mail = next(mail for mail in mailoutbox if mail.to == ["ben@example.com"])
    client.post(link_in(mail))
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"


def test_confirming_takes_unconfirmed_address(client, ana, mailoutbox):
    claimant = UnconfirmedUserFactory(email="new@example.com")
    ask_for_change(client, "new@example.com")
    mail = next(mail for mail in mailoutbox if mail.to == ["new@example.com"])
    client.post(link_in(mail))
    ana.refresh_from_db()
    claimant.refresh_from_db()
    assert (ana.email, claimant.email) == ("new@example.com", "")


def test_a_password_changes_with_the_old_one_only(client, ana):
    sign_in(client)
    new = {"password1": "another good passphrase", "password2": "another good passphrase"}
    url = reverse("account_change_password")
    assert client.post(url, {"oldpassword": "wrong", **new}).status_code == 422
    assert client.post(url, {"oldpassword": PASSWORD, **new}).url == ana.get_absolute_url()
    ana.refresh_from_db()
    assert ana.check_password("another good passphrase")


def test_sign_ups_per_address_are_limited(client):
    for _number in range(20):
        sign_up(client, password2="another")
    response = sign_up(client)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert not Person.objects.exists()

"""Properties of every page of django-allauth."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]

ENTRANCE = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
]
SETTINGS = [
    "accounts:edit_profile",
    "account_email",
    "account_change_password",
    "usersessions_list",
    "mfa_index",
    "mfa_activate_totp",
    "account_logout",
    "account_reauthenticate",
]


def assert_is_ours(response):
    """Our frame, nothing that the CSP refuses, a label for each field, one primary button."""
    page = response.content.decode()
    assert response.status_code == 200
    assert 'id="main"' in page
    assert page.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert not re.search(r"\s(style|on[a-z]+)=", page)
    assert "placeholder=" not in page.replace('placeholder="Search"', "")
    forms = re.findall(r"<form\b.*?</form>", page, re.DOTALL)
    posting = [form for form in forms if 'method="post"' in form]
    assert all(form.count("csrfmiddlewaretoken") == 1 for form in posting)
    assert re.search(r"<title>\s*\S", page)
    for field in re.findall(r"<(?:input|textarea|select)\b[^>]*>", page):
        if 'type="hidden"' not in field:
            name = re.search(r'id="([^"]+)"', field)[1]
            assert f'for="{name}"' in page
    main = page[page.index("<main") : page.index("</main>")]
    assert len(re.findall(r"btn-primary", main)) <= 1
    return main


@pytest.fixture
def at_home(client, ana):
    client.post(reverse("account_login"), {"login": "ana", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.mark.parametrize("name", ENTRANCE)
def test_pages_for_visitors(client, name):
    assert "card narrow" in assert_is_ours(client.get(reverse(name)))


@pytest.mark.parametrize("name", SETTINGS)
def test_pages_of_the_settings(at_home, name):
    assert_is_ours(at_home.get(reverse(name)))


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_need_login(client, name):
    response = client.get(reverse(name))
    target = reverse("home") if name == "account_logout" else reverse("account_login")
    assert response.status_code == 302
    assert response.url.startswith(target)


def test_bad_links_get_a_page(client):
    page = assert_is_ours(client.get(reverse("account_confirm_email", args=["nonsense"])))
    assert "too old" in page
    key = {"uidb36": "zz", "key": "nonsense"}
    assert_is_ours(client.get(reverse("account_reset_password_from_key", kwargs=key)))


def test_the_settings_navigation_leads_everywhere(at_home):
    page = at_home.get(reverse("accounts:edit_profile")).content.decode()
    for name in SETTINGS[:5]:
        assert f'href="{reverse(name)}"' in page


def test_a_session_elsewhere_can_be_ended(at_home):
    elsewhere = Client()
    elsewhere.post(reverse("account_login"), {"login": "ana", "password": PASSWORD})
    page = assert_is_ours(at_home.get(reverse("usersessions_list")))
    assert "This device" in page
    at_home.post(reverse("usersessions_list"))
    assert elsewhere.get("/users/").status_code == 302
    assert at_home.get("/users/").status_code == 200


def code_now(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def test_second_factor_and_recovery_code(at_home, ana):
    url = reverse("mfa_activate_totp")
    page = assert_is_ours(at_home.get(url))
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r'id="authenticator_secret"[^>]*value="(\w+)"', page)[1]
    assert at_home.post(url, {"code": "000000"}).status_code == 422
    response = at_home.post(url, {"code": code_now(secret)})
    codes = assert_is_ours(at_home.get(response.url))
    recovery_code = re.search(r"<li>(\d+)</li>", codes)[1]
    for name in ("mfa_index", "mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        assert_is_ours(at_home.get(reverse(name)))

    at_home.post(reverse("account_logout"))
    response = at_home.post(reverse("account_login"), {"login": "ana", "password": PASSWORD})
    assert response.url == reverse("mfa_authenticate")
    assert_is_ours(at_home.get(response.url))
    assert at_home.get("/users/").status_code == 302
    assert at_home.post(response.url, {"code": "wrong"}).status_code == 422
    at_home.post(response.url, {"code": recovery_code})
    assert at_home.get("/users/").status_code == 200
    assert Authenticator.objects.filter(user=ana).count() == 2

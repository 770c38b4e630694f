import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import ModeratorFactory, SuspendedUserFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory

pytestmark = pytest.mark.django_db


def test_landing_shows_three_collections(client):
    empty = CollectionFactory(name="Nothing in it")
    live = [ContentFactory().collection for _ in range(4)]
    page = client.get("/").content.decode()
    assert reverse("account_signup") in page
    assert "Nothing in it" not in page
    shown = [f'"{collection.get_absolute_url()}"' in page for collection in live]
    assert shown == [False, True, True, True]
    assert empty.get_absolute_url() not in page


def test_home_has_no_sign_up(client):
    client.force_login(UserFactory())
    assert reverse("account_signup") not in client.get("/").content.decode()


def test_closed_sign_up_has_no_link(client, settings):
    settings.SIGNUP = "closed"
    assert reverse("account_signup") not in client.get("/").content.decode()


def test_profile_shows_collections(client):
    person = UserFactory(name="Ana Lima", about="I collect letters.")
    collection = CollectionFactory(author=person)
    page = client.get(person.get_absolute_url()).content.decode()
    assert "Ana Lima" in page
    assert "I collect letters." in page
    assert collection.get_absolute_url() in page


def test_profile_ignores_case(client):
    UserFactory(username="Ana")
    assert client.get("/users/aNA/").status_code == 200


@pytest.mark.parametrize("username", ["nobody", "a b", "%00", "ü", "x" * 300])
def test_unknown_person_is_not_found(client, username):
    assert client.get(f"/users/{username}/").status_code == 404


def test_suspended_profile_is_for_moderators(client):
    person = SuspendedUserFactory()
    address = person.get_absolute_url()
    assert client.get(address).status_code == 404
    client.force_login(ModeratorFactory())
    page = client.get(address)
    assert page.status_code == 200
    assert person.suspension_reason in page.content.decode()


def test_invalid_page_is_not_found(client):
    person = UserFactory()
    for page in ("2", "0", "-1", "x", "9" * 30):
        assert client.get(person.get_absolute_url(), {"page": page}).status_code == 404


def test_page_links_keep_parameters(client, settings):
    settings.RESULTS_PER_PAGE = 1
    person = UserFactory()
    CollectionFactory.create_batch(3, author=person)
    page = client.get(person.get_absolute_url(), {"page": 2, "view": "x"}).content.decode()
    assert 'href="?page=3&amp;view=x"' in page
    assert 'aria-current="page"' in page


def test_robots_txt_disallows_api(client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert "Disallow: /api/" in answer.content.decode()


def test_about_has_rules_and_contact(client, settings):
    settings.CONTACT_EMAIL = "keeper@example.org"
    page = client.get("/about/").content.decode()
    assert "House rules" in page
    assert "mailto:keeper@example.org" in page


@pytest.mark.parametrize("name", ["profile", "profile_activity"])
def test_queries_are_constant(client, deliver, name):
    person = UserFactory()
    client.force_login(person)
    address = reverse(name, args=[person.username])

    def queries(rows):
        CollectionFactory.create_batch(rows, author=person)
        deliver()
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    assert queries(1) == queries(99) <= 16

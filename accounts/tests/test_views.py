from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.tests.factories import (
    ModeratorFactory,
    SuperuserFactory,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Person = get_user_model()


def names(response):
    return [person.username for person in response.context["people"]]


class TestDirectory:
    url = "/users/"

    def test_directory_shows_visible_others_by_name(self, ana, signed_in):
        for username in ("Zoe", "ben", "Carl"):
            UserFactory(username=username)
        UnconfirmedUserFactory()
        SuspendedUserFactory()
        assert names(signed_in(ana).get(self.url)) == ["ben", "Carl", "Zoe"]

    def test_directory_excludes_blocks(self, ana, signed_in):
        ben = UserFactory(username="ben")
        services.block(blocker=ana, blocked=ben)
        for person in (ana, ben):
            assert list(signed_in(person).get(self.url).context["people"]) == []

    def test_it_needs_login(self, client):
        assert client.get(self.url).url == f"{reverse('account_login')}?next=/users/"

    def test_it_is_numbered(self, ana, signed_in, settings):
        settings.RESULTS_PER_PAGE = 2
        UserFactory.create_batch(3)
        client = signed_in(ana)
        assert len(names(client.get(self.url))) == 2
        assert len(names(client.get(self.url, {"page": 2}))) == 1

    @pytest.mark.parametrize("page", ["0", "99", "x", "-1"])
    def test_missing_page_is_404(self, ana, signed_in, page):
        assert signed_in(ana).get(self.url, {"page": page}).status_code == 404

    def test_its_queries_do_not_grow_with_its_rows(
        self, ana, signed_in, settings, django_assert_max_num_queries
    ):
        settings.RESULTS_PER_PAGE = 100
        client = signed_in(ana)
        counts = []
        for people in (1, 30):
            UserFactory.create_batch(people)
            client.get(self.url)
            with django_assert_max_num_queries(16) as captured:
                client.get(self.url)
            counts.append(len(captured))
        assert counts[0] == counts[1]


class TestEditProfile:
    url = "/settings/profile/"

    def test_name_and_about_are_saved(self, ana, signed_in):
        response = signed_in(ana).post(self.url, {"name": "Ana M", "about": "x\r\n" * 250})
        assert response.url == ana.get_absolute_url()
        ana.refresh_from_db()
        assert ana.name == "Ana M"
        messages = [str(message) for message in response.wsgi_request._messages]
        assert messages == ["Your profile has been updated."]

    def test_it_needs_login(self, client):
        assert client.get(self.url).status_code == 302

    @pytest.mark.parametrize(
        "fields", [{"name": "a" * 65}, {"about": "a" * 501}, {"name": "a\x00"}]
    )
    def test_too_long_is_refused_and_kept(self, ana, signed_in, fields):
        response = signed_in(ana).post(self.url, {"name": "Ana", "about": "", **fields})
        assert response.status_code == 422
        assert next(iter(fields.values())).strip("\x00") in response.content.decode()
        ana.refresh_from_db()
        assert ana.name == "Ana Lopes"

    def test_a_refused_name_shows_in_the_form_alone(self, ana, signed_in):
        response = signed_in(ana).post(self.url, {"name": "Wrong" * 13, "about": ""})
        assert response.content.decode().count("Wrong" * 13) == 1

    def test_nothing_else_can_be_posted(self, ana, signed_in):
        data = {"name": "A", "username": "root", "email": "x@example.com", "is_staff": "on"}
        signed_in(ana).post(self.url, {**data, "is_superuser": "on", "about": ""})
        ana.refresh_from_db()
        assert (ana.username, ana.email) == ("ana", "ana@example.com")
        assert not ana.is_staff


@pytest.mark.parametrize("action", ["suspend", "lift"])
class TestActsOnPeople:
    def url(self, action, username="ana"):
        return f"/users/{username}/{action}/"

    def test_visitors_are_asked_to_sign_in(self, action, client, ana):
        assert client.get(self.url(action)).url.startswith(reverse("account_login"))
        assert client.post(self.url(action), {"reason": "x"}).status_code == 302

    def test_members_are_refused_with_a_sentence(self, action, ana, signed_in):
        client = signed_in(UserFactory())
        assert client.post(self.url(action), {"reason": "x"}).status_code == 403
        response = client.get(self.url(action))
        assert response.status_code == 403
        assert "Only moderators may suspend people." in response.content.decode()

    def test_staff_and_oneself_are_refused_to_moderators(self, action, signed_in):
        moderator = ModeratorFactory(username="mod")
        SuperuserFactory(username="root")
        client = signed_in(moderator)
        assert client.get(self.url(action, "mod")).status_code == 403
        assert client.post(self.url(action, "root"), {"reason": "x"}).status_code == 403

    def test_an_unknown_person_is_not_found(self, action, signed_in):
        assert signed_in(ModeratorFactory()).get(self.url(action, "nobody")).status_code == 404

    def test_without_a_reason_nothing_happens(self, action, ana, signed_in):
        response = signed_in(ModeratorFactory()).post(self.url(action), {"reason": " "})
        assert response.status_code == 422

    def test_opening_the_form_changes_nothing(self, action, ana, signed_in):
        assert signed_in(ModeratorFactory()).get(self.url(action)).status_code == 200
        ana.refresh_from_db()
        assert ana.is_visible


def test_a_moderator_suspends_and_lifts_from_the_page(ana, signed_in):
    client = signed_in(ModeratorFactory())
    until = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    response = client.post("/users/ANA/suspend/", {"reason": "Spam.", "until": until})
    assert response.url == "/users/ana/"
    ana.refresh_from_db()
    assert ana.is_suspended
    assert ana.suspended_until.strftime("%Y-%m-%dT%H:%M") == until
    assert "Spam." in client.get("/users/ana/lift/").content.decode()
    client.post("/users/ana/lift/", {"reason": "Better now."})
    ana.refresh_from_db()
    assert ana.is_visible


@pytest.mark.parametrize("until", ["2001-01-01T10:00", "tomorrow"])
def test_invalid_date_keeps_reason(ana, signed_in, until):
    client = signed_in(ModeratorFactory())
    response = client.post("/users/ana/suspend/", {"reason": "Spam.", "until": until})
    assert response.status_code == 422
    assert "Spam." in response.content.decode()
    ana.refresh_from_db()
    assert not ana.is_suspended

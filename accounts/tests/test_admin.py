import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts import roles
from accounts.tests.factories import (
    PASSWORD,
    ModeratorFactory,
    SuperuserFactory,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Person = get_user_model()
LIST = reverse("admin:accounts_user_changelist")


def page_of(person):
    return reverse("admin:accounts_user_change", args=[person.pk])


def action_url(person, act):
    return reverse("admin:accounts_user_act", args=[person.pk, act])


def everything():
    """Return values for all fields of the admin form, valid or not."""
    return {
        "username": "changed",
        "name": "Changed",
        "about": "Changed.",
        "reason": "Because.",
        "email": "changed@example.com",
        "password": "changed",
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "",
        "groups": [roles.group(roles.MODERATORS).pk],
        "user_permissions": [Permission.objects.first().pk],
        "confirmed_at_0": "2001-01-01",
        "confirmed_at_1": "10:00:00",
        "suspended_at": "2001-01-01",
        "suspension_reason": "Changed.",
        "last_login_0": "2001-01-01",
        "date_joined_0": "2001-01-01",
    }


def row(person):
    groups = list(person.groups.values_list("name", flat=True))
    permissions = list(person.user_permissions.values_list("pk", flat=True))
    columns = Person.objects.filter(pk=person.pk).values().get()
    del columns["last_seen"]  # opening the page moves it
    return columns, groups, permissions


@pytest.fixture
def moderator(signed_in):
    return signed_in(ModeratorFactory(username="mod"))


@pytest.fixture
def superuser(signed_in):
    return signed_in(SuperuserFactory(username="root"))


class TestSigningIn:
    def test_visitors_sign_in_as_everywhere(self, client):
        response = client.get("/admin/", follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("account_login"))

    def test_the_admins_own_form_signs_nobody_in(self, client):
        ModeratorFactory(username="mod")
        client.post("/admin/login/", {"username": "mod", "password": PASSWORD})
        assert client.session.get("_auth_user_id") is None

    def test_members_are_refused(self, ana, signed_in):
        assert signed_in(ana).get("/admin/", follow=True).status_code == 403


class TestLimitsOfModerators:
    def test_only_name_and_about_change(self, moderator, ana):
        before, groups, permissions = row(ana)
        assert moderator.post(page_of(ana), everything()).status_code == 302
        after = {**before, "username": "changed", "name": "Changed", "about": "Changed."}
        assert row(ana) == (after, groups, permissions)
        entry = LogEntry.objects.get()
        assert entry.change_message == "Edited: Because."

    @pytest.mark.parametrize("factory", [ModeratorFactory, SuperuserFactory])
    def test_other_staff_cannot_be_changed_at_all(self, moderator, factory):
        person = factory()
        before = row(person)
        assert moderator.post(page_of(person), everything()).status_code == 403
        assert row(person) == before
        assert moderator.get(page_of(person)).status_code == 200

    def test_their_own_row_cannot_be_changed_either(self, moderator):
        person = Person.objects.get(username="mod")
        before = row(person)
        assert moderator.post(page_of(person), everything()).status_code == 403
        assert row(person) == before

    @pytest.mark.parametrize("factory", [UserFactory, ModeratorFactory])
    def test_no_password_can_be_changed_or_seen(self, moderator, factory):
        person = factory()
        url = reverse("admin:auth_user_password_change", args=[person.pk])
        new = {"password1": "another good passphrase", "password2": "another good passphrase"}
        assert moderator.get(url).status_code == 403
        assert moderator.post(url, new).status_code == 403
        person.refresh_from_db()
        assert person.check_password(PASSWORD)
        assert "md5" not in moderator.get(page_of(person)).content.decode()

    @pytest.mark.parametrize("name", ["add", "delete"])
    def test_nobody_is_added_or_deleted(self, moderator, ana, name):
        args = [] if name == "add" else [ana.pk]
        url = reverse(f"admin:accounts_user_{name}", args=args)
        assert moderator.post(url, {"post": "yes", **everything()}).status_code == 403
        assert Person.objects.filter(pk=ana.pk).exists()
        assert Person.objects.count() == 2

    @pytest.mark.parametrize("act", ["delete", "confirm", "remove_second_factor"])
    def test_acts_of_superusers_are_refused(self, moderator, ana, act):
        posted = {"confirmed": "1", "reason": "Because."}
        assert moderator.post(action_url(ana, act), posted).status_code == 403
        bulk = {"action": act, "_selected_action": [ana.pk], **posted}
        moderator.post(LIST, bulk)
        assert Person.objects.filter(pk=ana.pk).exists()
        assert not LogEntry.objects.exists()

    def test_staff_cannot_be_suspended_in_bulk(self, moderator, ana):
        root = SuperuserFactory()
        posted = {"action": "suspend", "_selected_action": [ana.pk, root.pk]}
        response = moderator.post(LIST, {**posted, "confirmed": "1", "reason": "Because."})
        assert response.status_code == 403
        assert not Person.objects.exclude(suspended_at=None).exists()

    def test_moderators_see_people_and_log_only(self, moderator):
        for url in ("/admin/auth/group/", "/admin/auth/group/add/"):
            assert moderator.get(url).status_code == 403

    def test_an_edit_needs_a_reason(self, moderator, ana):
        response = moderator.post(page_of(ana), {**everything(), "reason": ""})
        assert response.status_code in {200, 422}
        ana.refresh_from_db()
        assert ana.name == "Ana Lopes"

    def test_a_name_taken_in_another_case_is_refused(self, moderator, ana):
        UserFactory(username="ben")
        response = moderator.post(page_of(ana), {**everything(), "username": "BEN"})
        assert "This username is taken." in response.content.decode()


class TestActs:
    def test_one_person_is_suspended_from_their_page(self, moderator, ana):
        assert action_url(ana, "suspend") in moderator.get(page_of(ana)).content.decode()
        page = moderator.get(action_url(ana, "suspend")).content.decode()
        assert "1 person: ana." in page
        posted = {"confirmed": "1", "reason": "Spam.", "until": ""}
        assert moderator.post(action_url(ana, "suspend"), posted).url == page_of(ana)
        ana.refresh_from_db()
        assert ana.is_suspended
        page = moderator.get(page_of(ana)).content.decode()
        assert action_url(ana, "lift") in page
        assert action_url(ana, "suspend") not in page

    def test_bulk_suspension_lists_names(self, moderator):
        people = [UserFactory(username=f"spam{number}") for number in range(7)]
        posted = {"action": "suspend", "_selected_action": [person.pk for person in people]}
        response = moderator.post(LIST, posted)
        text = "7 people: spam0, spam1, spam2, spam3, spam4 and 2 more."
        assert text in response.content.decode()
        assert not Person.objects.exclude(suspended_at=None).exists()
        answers = {"confirmed": "1", "reason": "Spam."}
        assert moderator.post(LIST, {**posted, **answers}).status_code == 302
        assert Person.objects.exclude(suspended_at=None).count() == 7
        assert LogEntry.objects.filter(change_message="Suspended: Spam.").count() == 7

    def test_a_whole_filtered_list_is_acted_on(self, moderator, ana):
        for number in range(3):
            SuspendedUserFactory(username=f"spam{number}")
        url = f"{LIST}?suspended=yes"
        chosen = [Person.objects.get(username="spam0").pk]
        posted = {"action": "lift", "_selected_action": chosen, "select_across": "1"}
        assert "3 people" in moderator.post(url, posted).content.decode()
        moderator.post(url, {**posted, "confirmed": "1", "reason": "A mistake."})
        assert not Person.objects.exclude(suspended_at=None).exists()

    def test_without_a_reason_the_page_asks_again(self, moderator, ana):
        posted = {"action": "suspend", "_selected_action": [ana.pk], "confirmed": "1"}
        response = moderator.post(LIST, {**posted, "reason": ""})
        assert response.status_code == 422
        assert f'value="{ana.pk}"' in response.content.decode()
        assert moderator.post(action_url(ana, "suspend"), {"confirmed": "1"}).status_code == 422

    @pytest.mark.parametrize("path", ["999999/act/suspend/", "x/act/suspend/", "1/act/nothing/"])
    def test_an_unknown_person_or_act_is_not_found(self, moderator, path):
        assert moderator.get(f"{LIST}{path}").status_code == 404

    def test_deletion_lists_deleted_rows(self, superuser):
        ana = UserFactory(username="ana", with_feeds=True)
        page = superuser.get(action_url(ana, "delete")).content.decode()
        assert "1 person: ana. With them go: " in page
        assert "1 email address" in page
        response = superuser.post(action_url(ana, "delete"), {"confirmed": "1", "reason": "Asked."})
        assert response.url == LIST
        assert not Person.objects.filter(pk=ana.pk).exists()
        assert LogEntry.objects.get().change_message == "Deleted: Asked."

    def test_superusers_confirm_an_address_by_hand(self, superuser):
        person = UnconfirmedUserFactory()
        superuser.post(action_url(person, "confirm"), {"confirmed": "1", "reason": "Known to me."})
        person.refresh_from_db()
        assert person.is_confirmed
        assert person.emailaddress_set.get().verified

    def test_superusers_remove_a_lost_second_factor(self, superuser, ana):
        Authenticator.objects.create(user=ana, type=Authenticator.Type.TOTP, data={})
        answers = {"confirmed": "1", "reason": "Lost the phone."}
        superuser.post(action_url(ana, "remove_second_factor"), answers)
        assert not Authenticator.objects.exists()
        assert LogEntry.objects.get().change_message == "Removed second factor: Lost the phone."


class TestSuperusers:
    def test_they_make_a_confirmed_person(self, superuser):
        data = {"username": "ben", "email": "Ben@Example.com", "name": "Ben"}
        new = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
        response = superuser.post(f"{LIST}add/", {**data, **new})
        assert response.status_code == 302
        ben = Person.objects.get(username="ben")
        assert (ben.email, ben.is_confirmed) == ("ben@example.com", True)
        assert ben.emailaddress_set.get().verified

    def test_they_make_moderators_and_change_addresses(self, superuser, ana):
        groups = [roles.group(roles.MODERATORS).pk, roles.group(roles.MEMBERS).pk]
        data = {"username": "ana", "name": "Ana", "about": "", "email": "new@example.com"}
        response = superuser.post(page_of(ana), {**data, "groups": groups, "reason": "Asked."})
        assert response.status_code == 302
        ana.refresh_from_db()
        assert (ana.email, ana.is_staff) == ("new@example.com", True)
        assert ana.emailaddress_set.get().email == "new@example.com"
        assert ana.check_password(PASSWORD)

    def test_they_change_a_password(self, superuser, ana):
        url = reverse("admin:auth_user_password_change", args=[ana.pk])
        new = {"usable_password": "true", "password1": "a good new phrase"}
        superuser.post(url, {**new, "password2": "a good new phrase"})
        ana.refresh_from_db()
        assert ana.check_password("a good new phrase")


class TestLists:
    @pytest.mark.parametrize("query", ["", "?q=ana", "?confirmed=no", "?suspended=yes"])
    def test_search_has_constant_queries(self, moderator, query, django_assert_max_num_queries):
        counts = []
        for people in (1, 20):
            UserFactory.create_batch(people)
            moderator.get(f"{LIST}{query}")
            with django_assert_max_num_queries(15) as captured:
                assert moderator.get(f"{LIST}{query}").status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1]

    @pytest.mark.parametrize("term", ["ana", "Lopes", "ana@example"])
    def test_people_are_found_by_name_or_address(self, moderator, ana, term):
        UserFactory(username="ben")
        found = moderator.get(LIST, {"q": term}).context["cl"].result_list
        assert list(found) == [ana]

    def test_filters_tell_who_is_confirmed_and_suspended(self, moderator, ana):
        new, out = UnconfirmedUserFactory(), SuspendedUserFactory()
        for query, person in [("?confirmed=no", new), ("?suspended=yes", out)]:
            assert list(moderator.get(f"{LIST}{query}").context["cl"].result_list) == [person]

    def test_person_page_lists_no_people(self, superuser, ana):
        UserFactory(username="somebody_else")
        assert "somebody_else" not in superuser.get(page_of(ana)).content.decode()

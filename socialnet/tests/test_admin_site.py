from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.tests.factories import (
    ModeratorFactory,
    SuperuserFactory,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.tests.factories import OutboxEntryFactory
from moderation.services import appeal
from moderation.tests.factories import make_report
from socialnet import admin_dashboard
from socialnet.admin_site import AdminSite

pytestmark = pytest.mark.django_db

INDEX, SEARCH = "/admin/", "/admin/search/"
YESTERDAY = timedelta(days=1, minutes=1)


@pytest.fixture
def staff(signed_in):
    return signed_in(SuperuserFactory(username="root"))


@pytest.fixture
def moderator(signed_in):
    return signed_in(ModeratorFactory(username="mod", date_joined=timezone.now() - YESTERDAY))


def with_permissions(*names):
    """Return a staff user with only these permissions."""
    person = UserFactory(date_joined=timezone.now() - YESTERDAY)
    person.groups.clear()
    type(person).objects.filter(pk=person.pk).update(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    return person


def test_project_has_its_own_site():
    assert isinstance(admin.site, AdminSite) or admin.site.__class__ is AdminSite
    assert "delete_selected" not in dict(admin.site.actions)


@pytest.mark.parametrize("address", [INDEX, SEARCH])
def test_only_staff_have_access(client, signed_in, address):
    assert client.get(address).status_code == 302
    assert signed_in(UserFactory()).get(address).status_code in {302, 403}
    assert signed_in(ModeratorFactory()).get(address).status_code == 200


class TestFailedDeliveries:
    def test_are_counted_and_linked(self, staff):
        OutboxEntryFactory.create_batch(2, state="failed")
        row = next(
            row for row in staff.get(INDEX).context["pending_items"] if "Failed" in row.label
        )
        assert (row.count, row.has_more) == (2, False)
        shown = staff.get(row.url).context["cl"].result_list
        assert {entry.state for entry in shown} == {"failed"}
        assert len(shown) == 2

    def test_none_is_said(self, staff):
        assert not OutboxEntry.objects.filter(state="failed").exists()
        assert "Failed deliveries: none" in " ".join(staff.get(INDEX).text.split())

    def test_are_hidden_from_moderators(self, moderator):
        OutboxEntryFactory(state="failed")
        page = moderator.get(INDEX)
        assert [row.label for row in page.context["pending_items"]] == ["Open reports", "Appeals"]
        assert "Failed deliveries" not in page.text


class TestReports:
    def test_are_first_and_linked(self, moderator):
        link = ContentFactory(title="Reported")
        make_report(link)
        row = moderator.get(INDEX).context["pending_items"][0]
        assert (row.label, row.count) == ("Open reports", 1)
        shown = moderator.get(row.url).context["cl"].result_list
        assert [case.title for case in shown] == ["Reported"]

    def test_appeals_have_their_own_row(self, moderator):
        link = ContentFactory(hidden_at=timezone.now(), hidden_reason="Spam.")
        appeal(author=link.author, target=link, statement="It is fine.")
        rows = moderator.get(INDEX).context["pending_items"]
        assert [row.count for row in rows] == [0, 1]


class TestNewPeople:
    def test_of_last_day_are_newest_first(self, moderator):
        UserFactory(username="older", date_joined=timezone.now() - YESTERDAY)
        UserFactory(username="first")
        UnconfirmedUserFactory(username="second")
        SuspendedUserFactory(username="third")
        page = moderator.get(INDEX)
        names = [person.username for person in page.context["new_people"]]
        assert names == ["third", "second", "first"]
        assert page.text.count("address not confirmed") == 1
        assert page.context["new_people_url"] in page.text
        shown = moderator.get(page.context["new_people_url"]).context["cl"].result_list
        assert [person.username for person in shown] == names

    def test_have_their_first_three_links(self, moderator):
        collections = CollectionFactory.create_batch(2, author=UserFactory())
        links = [
            ContentFactory(
                collection=collections[number % 2],
                url=f"https://host{number}.example/",
                created_at=timezone.now() + timedelta(seconds=number),
            )
            for number in range(4)
        ]
        ContentFactory(collection__author__date_joined=timezone.now() - YESTERDAY)
        page = moderator.get(INDEX)
        (person,) = page.context["new_people"]
        assert person.first_links == links[:3]
        for link in links[:3]:
            assert f"/admin/collections_app/content/{link.pk}/change/" in page.text
            assert link.host in page.text

    def test_hidden_links_are_marked(self, moderator):
        ContentFactory(hidden_at=timezone.now(), title="Cheap")
        assert "· hidden" in moderator.get(INDEX).text

    def test_are_limited_with_constant_queries(self, moderator, queries_of):
        ContentFactory.create_batch(10)  # enough for repeated_hosts
        one = queries_of(moderator, INDEX)
        ContentFactory.create_batch(30)
        assert queries_of(moderator, INDEX) == one <= 16
        assert len(moderator.get(INDEX).context["new_people"]) == admin_dashboard.MAX_NEW_PEOPLE

    def test_none_is_said(self, moderator):
        assert "Nobody has joined." in moderator.get(INDEX).text

    def test_user_text_is_escaped(self, moderator):
        ContentFactory(title="<script>alert(1)</script>")
        assert "<script>alert" not in moderator.get(INDEX).text


class TestManyLinksToOneHost:
    def test_are_linked_with_their_author(self, moderator):
        collection = CollectionFactory(author__username="shop")
        for number in range(10):
            ContentFactory(collection=collection, url=f"https://shop.example/{number}")
        ContentFactory(url="https://shop.example/")
        page = moderator.get(INDEX)
        (row,) = page.context["frequent_posters"]
        assert "10 links to shop.example" in page.text
        assert moderator.get(row["person_url"]).status_code == 200
        assert len(moderator.get(row["url"]).context["cl"].result_list) == 10

    def test_none_is_said(self, moderator):
        assert "Nobody, among the newest links." in moderator.get(INDEX).text


class TestPermissions:
    def test_view_user_shows_people_only(self, signed_in):
        ContentFactory(title="A link of somebody", collection__author__username="somebody")
        client = signed_in(with_permissions("view_user"))
        page = client.get(INDEX)
        assert "somebody" in page.text
        assert "A link of" not in page.text
        assert page.context["frequent_posters"] is None
        results = client.get(SEARCH, {"q": "somebody"}).context["results"]
        assert [result["name"] for result in results] == ["people"]

    def test_no_permission_shows_nothing(self, signed_in):
        UserFactory(username="somebody")
        client = signed_in(with_permissions())
        page = client.get(INDEX)
        assert page.context["new_people"] is None
        assert "somebody" not in page.text
        found = client.get(SEARCH, {"q": "somebody"})
        assert found.context["results"] == []
        assert "nothing here that you may search" in found.text

    def test_view_outboxentry_shows_its_row(self, signed_in):
        OutboxEntryFactory(state="failed")
        page = signed_in(with_permissions("view_outboxentry")).get(INDEX)
        assert [row.count for row in page.context["pending_items"]] == [1]


class TestSearch:
    def test_finds_people_collections_and_links(self, moderator):
        ana = UserFactory(username="ana", name="Ana Typo")
        collection = CollectionFactory(author=ana, name="Typography")
        link = ContentFactory(collection=collection, title="Typical letters")
        page = moderator.get(SEARCH, {"q": "typ"})
        rows = [[row for row, _url, _text in result["rows"]] for result in page.context["results"]]
        assert rows == [[ana], [collection], [link]]
        for result in page.context["results"]:
            ((_row, url, _text),) = result["rows"]
            assert moderator.get(url).status_code == 200
            assert list(moderator.get(result["url"]).context["cl"].result_list) == [
                row for row, *_rest in result["rows"]
            ]

    def test_shows_ten_with_constant_queries(self, moderator, queries_of):
        ContentFactory(title="Page of somebody")
        address = f"{SEARCH}?q=e"
        one = queries_of(moderator, address)
        ContentFactory.create_batch(15)
        assert queries_of(moderator, address) == one <= 18
        results = moderator.get(address).context["results"]
        assert [len(result["rows"]) for result in results] == [10, 10, 10]

    def test_no_result_is_said(self, moderator):
        assert moderator.get(SEARCH, {"q": "no such word"}).text.count("Nothing found.") == 3

    @pytest.mark.parametrize("query", ["", "?q=", "?q=%20"])
    def test_empty_search_shows_only_form(self, moderator, query):
        page = moderator.get(f"{SEARCH}{query}")
        assert page.status_code == 200
        assert page.context["results"] == []
        assert 'name="q"' in page.text

    @pytest.mark.parametrize("words", ["a\x00b", "x" * 201])
    def test_invalid_text_is_form_error(self, moderator, words):
        page = moderator.get(SEARCH, {"q": words})
        assert page.status_code == 422
        assert page.context["search_form"].errors

    def test_words_are_escaped(self, moderator):
        assert "<script>alert" not in moderator.get(SEARCH, {"q": "<script>alert(1)"}).text

    def test_is_on_dashboard(self, moderator):
        assert f'action="{SEARCH}"' in moderator.get(INDEX).text

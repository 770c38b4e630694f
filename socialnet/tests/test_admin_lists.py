import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.tests.factories import ModeratorFactory, SuperuserFactory, UserFactory
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.tests.factories import OutboxEntryFactory
from socialnet import admin_lists
from socialnet.admin_lists import BoundedPaginator, bounded_count

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
LINKS = "/admin/collections_app/content/"
COLLECTIONS = "/admin/collections_app/collection/"
OUTBOX = "/admin/feeds/outboxentry/"

EVERYTHING = {"action": "retry", "_selected_action": [1], "select_across": "1"}

BAD = [
    "q=%00",
    "q=" + "x%20" * 3000,
    "q=" + "x%20" * 99,
    "q=%22a",
    "o=99.-99.x",
    "p=99999999999999999999",
    "host=a%00b",
    "author=%00",
    "state__exact=%00",
    "id__exact=99999999999999999999",
    "no_such_field=1",
]


def addresses():
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


@pytest.fixture
def staff(signed_in):
    return signed_in(SuperuserFactory(username="root"))


@pytest.fixture
def many(db):
    """More rows than a list counts."""
    OutboxEntry.objects.all().delete()
    rows = OutboxEntryFactory.build_batch(admin_lists.MAX_COUNTED + 1, state="failed")
    OutboxEntry.objects.bulk_create(rows, batch_size=1000)
    return rows


def found(client, address, **query):
    return list(client.get(address, query).context["cl"].result_list)


class TestCounting:
    def test_so_many_are_counted_and_no_more(self, django_assert_num_queries):
        CollectionFactory.create_batch(3)
        rows = CollectionFactory._meta.model.objects.order_by("name")
        with django_assert_num_queries(2):
            assert bounded_count(rows, limit=3) == (3, False)
            assert bounded_count(rows, limit=2) == (2, True)

    def test_a_paginator_counts_once(self, django_assert_num_queries):
        CollectionFactory()
        paginator = BoundedPaginator(CollectionFactory._meta.model.objects.order_by("pk"), 10)
        with django_assert_num_queries(1):
            assert (paginator.count, paginator.num_pages, paginator.is_truncated) == (1, 1, False)

    def test_a_longer_list_says_so_has_no_page_beyond_and_is_not_acted_on(self, staff, many):
        page = staff.get(OUTBOX)
        assert "There are more than 5,000" in page.text
        assert "Select all 5000" not in page.text
        assert staff.get(OUTBOX, {"p": 50}).status_code == 200
        assert staff.get(OUTBOX, {"p": 51}).url.endswith("?e=1")
        answer = staff.post(OUTBOX, EVERYTHING, follow=True)
        assert "too long to act on all of it" in answer.text
        assert not OutboxEntry.objects.filter(state="pending").exists()

    def test_a_list_that_fits_says_nothing_of_it_and_is_acted_on(self, staff, many):
        OutboxEntry.objects.latest("pk").delete()
        page = staff.get(OUTBOX)
        assert "There are more than" not in page.text
        assert "Select all 5000" in page.text
        staff.post(OUTBOX, EVERYTHING)
        assert not OutboxEntry.objects.filter(state="failed").exists()

    @pytest.mark.parametrize("key", ["x", "1\x00", "9" * 30, ""])
    def test_a_key_that_is_none_is_refused(self, staff, key):
        chosen = {"action": "retry", "_selected_action": [key]}
        assert staff.post(OUTBOX, chosen).status_code == 400


class TestEveryList:
    def test_is_bounded(self):
        for model, model_admin in admin.site._registry.items():
            paginator = model_admin.get_paginator(None, model.objects.order_by("pk"), 10)
            assert isinstance(paginator, BoundedPaginator), model
            assert not model_admin.show_full_result_count, model
            assert not model_admin.date_hierarchy, model

    def test_is_sorted_by_what_has_an_index(self):
        for model, model_admin in admin.site._registry.items():
            indexes = [index for index in model._meta.indexes if index.fields]
            indexed = {index.fields[0].lstrip("-") for index in indexes}
            fields = model._meta.fields
            indexed |= {field.name for field in fields if field.unique or field.db_index}
            assert set(model_admin.get_sortable_by(None)) <= indexed, model

    @pytest.mark.parametrize("address", addresses())
    def test_counts_no_more_than_it_shows(self, staff, address):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address).status_code == 200
        counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
        assert counts
        assert all("LIMIT 5001" in sql for sql in counts)

    @pytest.mark.parametrize("query", BAD)
    def test_survives_bad_input(self, staff, query):
        for address in (PEOPLE, LINKS, OUTBOX, "/admin/messaging/message/"):
            assert staff.get(f"{address}?{query}").status_code in {200, 302, 400}

    def test_is_asked_to_delete_nothing_in_bulk(self, staff):
        UserFactory()
        for address in addresses():
            assert "delete_selected" not in staff.get(address).text


class TestSorting:
    def test_a_column_without_an_index_does_not_sort(self, staff):
        for name in ("cara", "ana", "ben"):
            UserFactory(username=name, name=name)
        shown = staff.get(PEOPLE).context["cl"].list_display
        by_name, by_username = shown.index("name"), shown.index("username")
        newest_first = [person.pk for person in found(staff, PEOPLE)]
        assert [person.pk for person in found(staff, PEOPLE, o=by_name)] == newest_first
        names = [person.username for person in found(staff, PEOPLE, o=by_username)]
        assert names == ["ana", "ben", "cara", "root"]


class TestSearching:
    def test_words_are_found_in_any_part_of_a_text(self, staff):
        link = ContentFactory(title="The art of lettering")
        ContentFactory(title="Something else")
        assert found(staff, LINKS, q="letter") == [link]
        assert found(staff, LINKS, q="lettering art") == [link]

    @pytest.mark.parametrize("term", ["ANA", "Ana@Example.com", " ana "])
    def test_a_person_named_in_full_is_found_with_what_is_theirs(self, staff, term):
        ana = UserFactory(username="ana")
        link = ContentFactory(collection__author=ana)
        ContentFactory()
        assert found(staff, PEOPLE, q=term) == [ana]
        assert found(staff, COLLECTIONS, q=term) == [link.collection]
        assert found(staff, LINKS, q=term) == [link]

    def test_people_without_an_address_are_not_all_the_same_person(self):
        UserFactory(username="ana", email="")
        assert not get_user_model().objects.known_as("")

    def test_words_are_looked_for_in_the_newest_rows_and_names_in_all(self, staff):
        old = ContentFactory(title="Old page", url="https://old.example/")
        collection = CollectionFactory()
        rows = [
            Content(collection=collection, title="New page", url=f"https://x/{n}", url_key=n)
            for n in range(admin_lists.MAX_SEARCHED)
        ]
        Content.objects.bulk_create(rows, batch_size=1000)
        assert found(staff, LINKS, q="Old page") == []
        assert found(staff, LINKS, q="old.example") == [old]
        assert found(staff, LINKS, q=old.author.username) == [old]
        page = staff.get(LINKS, {"q": "New"})
        assert page.context["cl"].result_count == admin_lists.MAX_MATCHES
        assert f"There are more than {admin_lists.MAX_MATCHES}" in page.text

    def test_the_page_says_where_words_are_looked_for(self, staff):
        assert "Words in the newest 10,000 rows" in staff.get(LINKS).text

    def test_filters_and_words_go_together(self, staff):
        hidden = ContentFactory(title="Cheap", hidden_at="2026-01-01T00:00:00Z")
        ContentFactory(title="Cheap")
        assert found(staff, LINKS, q="cheap", hidden="yes") == [hidden]

    @given(term=st.text(max_size=60))
    @hypothesis_settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_no_words_break_a_list(self, staff, term):
        for address in (PEOPLE, LINKS, "/admin/search/"):
            assert staff.get(address, {"q": term}).status_code in {200, 422}


class TestFilters:
    def test_new_people(self, staff):
        week_old = UserFactory(date_joined="2026-01-01T00:00:00Z")
        assert week_old not in found(staff, PEOPLE, new="week")
        assert week_old in found(staff, PEOPLE)
        assert len(found(staff, PEOPLE, new="day")) == 1
        assert len(found(staff, PEOPLE, new="nonsense")) == 2

    def test_links_of_one_host(self, staff):
        link = ContentFactory(url="https://www.shop.example/a")
        ContentFactory(url="https://other.example/a")
        assert '<a href="?host=shop.example">shop.example</a>' in staff.get(LINKS).text
        assert found(staff, LINKS, host="shop.example") == [link]
        assert len(found(staff, LINKS, host="")) == 2
        assert found(staff, LINKS, host="shop") == []

    def test_links_of_one_author(self, staff):
        link = ContentFactory(collection__author__username="Ana")
        ContentFactory()
        assert found(staff, LINKS, author="ana") == [link]
        assert found(staff, LINKS, author="an") == []

    def test_people_with_many_links_to_one_host_and_these_links(self, staff):
        collection = CollectionFactory()
        links = [
            ContentFactory(collection=collection, url=f"https://shop.example/{number}")
            for number in range(10)
        ]
        ContentFactory(collection=collection, url="https://other.example/")
        ContentFactory()
        assert found(staff, PEOPLE, hosts="many") == [collection.author]
        assert set(found(staff, LINKS, hosts="many")) == set(links)
        assert found(staff, LINKS, hosts="many", hidden="yes") == []


def test_moderators_use_the_filters(signed_in):
    client = signed_in(ModeratorFactory())
    for address in (f"{PEOPLE}?hosts=many&new=day&confirmed=no", f"{LINKS}?hosts=many&host=a"):
        assert client.get(address).status_code == 200

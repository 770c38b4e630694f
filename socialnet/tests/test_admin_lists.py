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

WHOLE_LIST_ACTION = {"action": "retry", "_selected_action": [1], "select_across": "1"}

INVALID_QUERIES = [
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


def changelist_urls():
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


@pytest.fixture
def staff(signed_in):
    return signed_in(SuperuserFactory(username="root"))


@pytest.fixture
def many_entries(db):
    """Return more outbox entries than a list counts."""
    OutboxEntry.objects.all().delete()
    rows = OutboxEntryFactory.build_batch(admin_lists.MAX_COUNTED + 1, state="failed")
    OutboxEntry.objects.bulk_create(rows, batch_size=1000)
    return rows


def list_rows(client, address, **query):
    return list(client.get(address, query).context["cl"].result_list)


class TestCounting:
    def test_count_stops_at_limit(self, django_assert_num_queries):
        CollectionFactory.create_batch(3)
        rows = CollectionFactory._meta.model.objects.order_by("name")
        with django_assert_num_queries(2):
            assert bounded_count(rows, limit=3) == (3, False)
            assert bounded_count(rows, limit=2) == (2, True)

    def test_paginator_counts_once(self, django_assert_num_queries):
        CollectionFactory()
        paginator = BoundedPaginator(CollectionFactory._meta.model.objects.order_by("pk"), 10)
        with django_assert_num_queries(1):
            assert (paginator.count, paginator.num_pages, paginator.is_truncated) == (1, 1, False)

    def test_long_list_is_truncated(self, staff, many_entries):
        page = staff.get(OUTBOX)
        assert "There are more than 5,000" in page.text
        assert "Select all 5000" not in page.text
        assert staff.get(OUTBOX, {"p": 50}).status_code == 200
        assert staff.get(OUTBOX, {"p": 51}).url.endswith("?e=1")
        answer = staff.post(OUTBOX, WHOLE_LIST_ACTION, follow=True)
        assert "too long to act on all of it" in answer.text
        assert not OutboxEntry.objects.filter(state="pending").exists()

    def test_short_list_is_complete(self, staff, many_entries):
        OutboxEntry.objects.latest("pk").delete()
        page = staff.get(OUTBOX)
        assert "There are more than" not in page.text
        assert "Select all 5000" in page.text
        staff.post(OUTBOX, WHOLE_LIST_ACTION)
        assert not OutboxEntry.objects.filter(state="failed").exists()

    @pytest.mark.parametrize("key", ["x", "1\x00", "9" * 30, ""])
    def test_invalid_key_is_refused(self, staff, key):
        chosen = {"action": "retry", "_selected_action": [key]}
        assert staff.post(OUTBOX, chosen).status_code == 400


class TestEveryList:
    def test_is_bounded(self):
        for model, model_admin in admin.site._registry.items():
            paginator = model_admin.get_paginator(None, model.objects.order_by("pk"), 10)
            assert isinstance(paginator, BoundedPaginator), model
            assert not model_admin.show_full_result_count, model
            assert not model_admin.date_hierarchy, model

    def test_is_sorted_by_indexed_columns(self):
        for model, model_admin in admin.site._registry.items():
            indexes = [index for index in model._meta.indexes if index.fields]
            indexed = {index.fields[0].lstrip("-") for index in indexes}
            fields = model._meta.fields
            indexed |= {field.name for field in fields if field.unique or field.db_index}
            assert set(model_admin.get_sortable_by(None)) <= indexed, model

    @pytest.mark.parametrize("address", changelist_urls())
    def test_counts_up_to_limit(self, staff, address):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address).status_code == 200
        counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
        assert counts
        assert all("LIMIT 5001" in sql for sql in counts)

    @pytest.mark.parametrize("query", INVALID_QUERIES)
    def test_survives_bad_input(self, staff, query):
        for address in (PEOPLE, LINKS, OUTBOX, "/admin/messaging/message/"):
            assert staff.get(f"{address}?{query}").status_code in {200, 302, 400}

    def test_has_no_bulk_deletion(self, staff):
        UserFactory()
        for address in changelist_urls():
            assert "delete_selected" not in staff.get(address).text


class TestSorting:
    def test_unindexed_column_does_not_sort(self, staff):
        for name in ("cara", "ana", "ben"):
            UserFactory(username=name, name=name)
        shown = staff.get(PEOPLE).context["cl"].list_display
        by_name, by_username = shown.index("name"), shown.index("username")
        newest_first = [person.pk for person in list_rows(staff, PEOPLE)]
        assert [person.pk for person in list_rows(staff, PEOPLE, o=by_name)] == newest_first
        names = [person.username for person in list_rows(staff, PEOPLE, o=by_username)]
        assert names == ["ana", "ben", "cara", "root"]


class TestSearching:
    def test_words_match_parts_of_text(self, staff):
        link = ContentFactory(title="The art of lettering")
        ContentFactory(title="Something else")
        assert list_rows(staff, LINKS, q="letter") == [link]
        assert list_rows(staff, LINKS, q="lettering art") == [link]

    @pytest.mark.parametrize("term", ["ANA", "Ana@Example.com", " ana "])
    def test_full_username_matches_related_rows(self, staff, term):
        ana = UserFactory(username="ana")
        link = ContentFactory(collection__author=ana)
        ContentFactory()
        assert list_rows(staff, PEOPLE, q=term) == [ana]
        assert list_rows(staff, COLLECTIONS, q=term) == [link.collection]
        assert list_rows(staff, LINKS, q=term) == [link]

    def test_empty_email_matches_nobody(self):
        UserFactory(username="ana", email="")
        assert not get_user_model().objects.known_as("")

    @pytest.mark.slow
    def test_words_match_newest_rows_only(self, staff):
        old = ContentFactory(title="Old page", url="https://old.example/")
        collection = CollectionFactory()
        rows = [
            Content(collection=collection, title="New page", url=f"https://x/{n}", url_key=n)
            for n in range(admin_lists.MAX_SEARCHED)
        ]
        Content.objects.bulk_create(rows, batch_size=1000)
        assert list_rows(staff, LINKS, q="Old page") == []
        assert list_rows(staff, LINKS, q="old.example") == [old]
        assert list_rows(staff, LINKS, q=old.author.username) == [old]
        page = staff.get(LINKS, {"q": "New"})
        assert page.context["cl"].result_count == admin_lists.MAX_MATCHES
        assert f"There are more than {admin_lists.MAX_MATCHES}" in page.text

    def test_page_explains_search(self, staff):
        assert "Words in the newest 10,000 rows" in staff.get(LINKS).text

    def test_filters_and_words_combine(self, staff):
        hidden = ContentFactory(title="Cheap", hidden_at="2026-01-01T00:00:00Z")
        ContentFactory(title="Cheap")
        assert list_rows(staff, LINKS, q="cheap", hidden="yes") == [hidden]

    @given(term=st.text(max_size=60))
    @hypothesis_settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @pytest.mark.slow
    def test_any_search_text_works(self, staff, term):
        for address in (PEOPLE, LINKS, "/admin/search/"):
            assert staff.get(address, {"q": term}).status_code in {200, 422}


class TestFilters:
    def test_new_people(self, staff):
        week_old = UserFactory(date_joined="2026-01-01T00:00:00Z")
        assert week_old not in list_rows(staff, PEOPLE, new="week")
        assert week_old in list_rows(staff, PEOPLE)
        assert len(list_rows(staff, PEOPLE, new="day")) == 1
        assert len(list_rows(staff, PEOPLE, new="nonsense")) == 2

    def test_links_of_one_host(self, staff):
        link = ContentFactory(url="https://www.shop.example/a")
        ContentFactory(url="https://other.example/a")
        assert '<a href="?host=shop.example">shop.example</a>' in staff.get(LINKS).text
        assert list_rows(staff, LINKS, host="shop.example") == [link]
        assert len(list_rows(staff, LINKS, host="")) == 2
        assert list_rows(staff, LINKS, host="shop") == []

    def test_links_of_one_author(self, staff):
        link = ContentFactory(collection__author__username="Ana")
        ContentFactory()
        assert list_rows(staff, LINKS, author="ana") == [link]
        assert list_rows(staff, LINKS, author="an") == []

    def test_many_links_to_one_host(self, staff):
        collection = CollectionFactory()
        links = [
            ContentFactory(collection=collection, url=f"https://shop.example/{number}")
            for number in range(10)
        ]
        ContentFactory(collection=collection, url="https://other.example/")
        ContentFactory()
        assert list_rows(staff, PEOPLE, hosts="many") == [collection.author]
        assert set(list_rows(staff, LINKS, hosts="many")) == set(links)
        assert list_rows(staff, LINKS, hosts="many", hidden="yes") == []


def test_moderators_can_filter(signed_in):
    client = signed_in(ModeratorFactory())
    for address in (f"{PEOPLE}?hosts=many&new=day&confirmed=no", f"{LINKS}?hosts=many&host=a"):
        assert client.get(address).status_code == 200

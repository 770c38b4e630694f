from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("texts", [{"name": ""}, {"description": ""}, {"name": "x" * 65}])
def test_database_refuses_unfit_collection_texts(texts):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        CollectionFactory(**texts)


@pytest.mark.parametrize(
    "texts",
    [
        {"title": ""},
        {"title": "x" * 129},
        {"description": "x" * 257},
        {"url": "javascript:alert(1)"},
        {"url": "https://example.org/" + "x" * 2048},
    ],
)
def test_database_refuses_invalid_link(collection, texts):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        ContentFactory(collection=collection, **texts)


def test_database_refuses_duplicate_link(link):
    with pytest.raises(IntegrityError), transaction.atomic():
        ContentFactory(collection=link.collection, url="HTTPS://www.python.org:443/#top")
    ContentFactory(url=link.url)


def test_visible_excludes_hidden_rows_and_authors(link):
    hidden = CollectionFactory(hidden_at=timezone.now(), hidden_reason="Spam.")
    ContentFactory(collection=hidden)
    ContentFactory(collection=CollectionFactory(author=SuspendedUserFactory()))
    ContentFactory(collection=CollectionFactory(author=UserFactory(is_active=False)))
    ContentFactory(collection=link.collection, hidden_at=timezone.now())
    assert list(Collection.objects.visible()) == [link.collection]
    assert list(Content.objects.visible()) == [link]


def test_expired_suspension_shows_collections():
    over = timezone.now() - timedelta(minutes=1)
    author = SuspendedUserFactory(suspended_until=over)
    collection = CollectionFactory(author=author)
    assert collection in Collection.objects.visible()
    assert collection.activity_is_public


def test_card_has_author_count_and_latest_links(collection):
    links = [ContentFactory(collection=collection) for _number in range(5)]
    ContentFactory(collection=collection, hidden_at=timezone.now())
    card = Collection.objects.for_cards().get(pk=collection.pk)
    assert card.link_count == 5
    assert card.latest_links == links[:1:-1]


@pytest.mark.slow
def test_card_query_count_is_constant(django_assert_num_queries):
    for rows in (1, 20):
        for _number in range(rows):
            ContentFactory()
        with django_assert_num_queries(2):
            for card in Collection.objects.visible().newest_first().for_cards():
                assert card.author.username
                assert card.latest_links


def test_a_counted_collection_without_links_has_none(collection):
    assert Collection.objects.with_link_count().get().link_count == 0


def test_queryset_orders():
    now = timezone.now()
    old = CollectionFactory(created_at=now - timedelta(days=2), last_added_at=now, follower_count=1)
    new = CollectionFactory(created_at=now, last_added_at=now - timedelta(days=1), follower_count=2)
    assert list(Collection.objects.newest_first()) == [new, old]
    assert list(Collection.objects.most_followed()) == [new, old]
    assert list(Collection.objects.recently_updated()) == [old, new]


def test_link_activity_fields(link):
    activity = link.create_activity()
    collection = link.collection
    assert activity["actor"] == f"SU:{collection.author_id}"
    assert activity["verb"] == "post"
    assert activity["object"] == f"SO:collections:{collection.pk}"
    assert activity["foreign_id"] == f"collections_app.Content:{link.pk}"
    assert activity["to"] == [f"links:{collection.author_id}"]
    assert activity["time"] == link.created_at.replace(tzinfo=None)
    assert (activity["title"], activity["url"]) == (link.title, link.url)


def test_collection_activity_fields(collection):
    activity = collection.create_activity()
    assert activity["actor"] == f"SU:{collection.author_id}"
    assert activity["verb"] == "create"
    assert activity["object"] == f"SO:collections:{collection.pk}"
    assert activity["foreign_id"] == f"collections_app.Collection:{collection.pk}"
    assert (activity["name"], activity["description"]) == (collection.name, collection.description)

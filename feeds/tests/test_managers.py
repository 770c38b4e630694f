import pytest
from django.core.management import call_command
from django.db import transaction
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry

pytestmark = pytest.mark.django_db


def entries(**conditions):
    found = OutboxEntry.objects.filter(**conditions).order_by("id")
    return list(found.values_list("operation", "subject", "key"))


@pytest.fixture
def collection():
    collection = CollectionFactory()
    OutboxEntry.objects.all().delete()
    return collection


def test_saved_queues_add_or_update(collection):
    feed_manager.saved(collection, created=True)
    feed_manager.saved(collection, created=False)
    subject, key = f"collections_app.Collection:{collection.pk}", f"user:{collection.author_id}"
    assert entries() == [("add", subject, key), ("update", subject, key)]


def test_raw_save_queues_nothing(collection):
    feed_manager.saved(collection, created=True, raw=True)
    assert entries() == []


def test_deleted_queues_foreign_id(collection):
    feed_manager.deleted(collection)
    details = {"foreign_id": f"collections_app.Collection:{collection.pk}"}
    assert OutboxEntry.objects.get().details == details


def test_saved_many_takes_one_query(collection, django_assert_num_queries):
    links = ContentFactory.build_batch(50, collection=collection)
    with django_assert_num_queries(1):
        feed_manager.saved_many(links)
    assert OutboxEntry.objects.count() == 50


def test_object_entries_have_own_feed_as_key(collection):
    feed_manager.set_object(collection)
    feed_manager.delete_object(collection)
    assert {key for _, _, key in entries()} == {f"collection:{collection.pk}"}


def test_tracking_off_queues_nothing(collection):
    feed_manager.disable_model_tracking(Collection)
    try:
        feed_manager.saved(collection, created=True)
        feed_manager.set_object(collection)
    finally:
        feed_manager.enable_model_tracking(Collection)
    assert entries() == []


def test_migration_restores_tracking(collection):
    call_command("migrate", verbosity=0)
    assert feed_manager.should_track(Collection)


def test_rollback_queues_nothing(collection):
    with transaction.atomic():
        feed_manager.saved(collection, created=True)
        transaction.set_rollback(True)
    assert entries() == []

"""Concurrent changes of collections and links."""

import pytest
from django.core.exceptions import ValidationError

from accounts.services import block
from collections_app import services
from collections_app.models import Content, Saving
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from tests.threads import run_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_concurrent_adds_keep_one_link():
    collection = CollectionFactory()
    results = run_at_once([lambda: add_one(collection)] * 2, expected=(ValidationError,))
    assert Content.objects.count() == 1
    assert sum(isinstance(result, ValidationError) for result in results) == 1


def test_concurrent_deletes_publish_once():
    collection = CollectionFactory()
    results = run_at_once([lambda: services.delete_collection(collection=collection)] * 2)
    assert sorted(results) == [False, True]
    assert OutboxEntry.objects.filter(operation="remove").count() == 1


def test_adding_while_collection_is_deleted():
    collection = CollectionFactory()
    run_at_once(
        [
            lambda: services.delete_collection(collection=collection),
            lambda: add_one(collection),
        ]
    )
    assert not Content.objects.exists()


def test_saving_during_block_leaves_no_trace():
    link, shelf = ContentFactory(), CollectionFactory()
    ana, ben = link.author, shelf.author
    run_at_once(
        [
            lambda: services.save_link(link=link, by=ben, collection=shelf),
            lambda: block(blocker=ana, blocked=ben),
        ]
    )
    assert not Saving.objects.exists()
    assert shelf.contents.get().via is None


def add_one(collection):
    return services.add_link(collection=collection, url="https://a.org/", title="A")

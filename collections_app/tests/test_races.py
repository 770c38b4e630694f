"""Two at once."""

import pytest
from django.core.exceptions import ValidationError

from accounts.services import block
from collections_app import services
from collections_app.models import Content, Saving
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_that_add_the_same_link_one_is_told_that_it_is_there():
    collection = CollectionFactory()
    results = run_at_once([lambda: add_one(collection)] * 2, expected=(ValidationError,))
    assert Content.objects.count() == 1
    assert sum(isinstance(result, ValidationError) for result in results) == 1


def test_of_two_that_delete_one_deletes_and_tells():
    collection = CollectionFactory()
    results = run_at_once([lambda: services.delete_collection(collection=collection)] * 2)
    assert sorted(results) == [False, True]
    assert OutboxEntry.objects.filter(operation="remove").count() == 1


def test_links_added_while_their_collection_is_deleted_are_added_or_refused():
    collection = CollectionFactory()
    run_at_once(
        [
            lambda: services.delete_collection(collection=collection),
            lambda: add_one(collection),
        ]
    )
    assert not Content.objects.exists()


def test_what_is_saved_during_a_block_leaves_no_trace():
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

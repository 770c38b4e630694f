"""Two at once, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from collections_app import services
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory
from feeds.models import OutboxEntry

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act, times=2):
    """Do `act` in `times` threads that start together; return what each returned."""
    start = Barrier(times)

    def run(_number):
        start.wait()
        try:
            return act()
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


def test_of_two_that_add_the_same_link_one_is_told_that_it_is_there():
    collection = CollectionFactory()
    results = at_once(
        lambda: services.add_link(collection=collection, url="https://a.org/", title="A")
    )
    assert Content.objects.count() == 1
    assert sum(isinstance(result, ValidationError) for result in results) == 1


def test_of_two_that_delete_one_deletes_and_tells():
    collection = CollectionFactory()
    results = at_once(lambda: services.delete_collection(collection=collection))
    assert sorted(results) == [False, True]
    assert OutboxEntry.objects.filter(operation="remove").count() == 1


def test_links_added_while_their_collection_is_deleted_are_added_or_refused():
    collection = CollectionFactory()
    acts = iter([services.delete_collection, add_one])
    results = at_once(lambda: next(acts)(collection=collection))
    assert len(results) == 2
    assert not Content.objects.exists()


def add_one(collection):
    return services.add_link(collection=collection, url="https://a.org/", title="A")

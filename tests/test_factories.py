"""Factories insert rows alone, in few queries; a test that needs more says so."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import ModeratorFactory, UnconfirmedUserFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow
from follows.tests.factories import CollectionFollowFactory, FollowFactory
from messaging.tests.factories import PersonFactory
from tests.factories import with_feeds

pytestmark = pytest.mark.django_db

MAX_QUERIES = {
    PersonFactory: 1,
    UnconfirmedUserFactory: 1,
    UserFactory: 3,
    ModeratorFactory: 5,
    CollectionFactory: 4,
    ContentFactory: 5,
    FollowFactory: 8,
    CollectionFollowFactory: 9,
}


def count_queries(make):
    with CaptureQueriesContext(connection) as queries:
        make()
    return len(queries)


@pytest.mark.parametrize("factory", MAX_QUERIES)
def test_rows_alone_take_few_queries(factory):
    with with_feeds(False):
        assert count_queries(factory) <= MAX_QUERIES[factory]


def test_rows_alone_are_not_published():
    link = ContentFactory(with_feeds=False)
    assert link.author.is_confirmed
    assert not link.author.emailaddress_set.exists()
    assert not OutboxEntry.objects.exists()
    assert not Follow.objects.exists()
    assert not CollectionFollow.objects.exists()


def test_rows_with_feeds_are_published():
    link = ContentFactory(with_feeds=True)
    assert link.author.emailaddress_set.get().verified
    operations = set(OutboxEntry.objects.values_list("operation", flat=True))
    assert operations == {"add", "follow", "set_object", "set_user"}
    assert Follow.objects.get().is_self
    assert CollectionFollow.objects.get().is_self

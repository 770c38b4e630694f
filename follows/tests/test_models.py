import pytest
from django.db import IntegrityError, transaction

from collections_app.tests.factories import CollectionFactory
from follows.models import CollectionFollow, Follow
from follows.tests.factories import CollectionFollowFactory, FollowFactory

pytestmark = pytest.mark.django_db


def refused(model, **fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.bulk_create([model(**fields)])
    return True


def test_the_database_keeps_pairs_unique(ana, ben, collection):
    FollowFactory(follower=ben, followed=ana)
    CollectionFollowFactory(follower=ben, collection=collection)
    assert refused(Follow, follower=ben, followed=ana)
    assert refused(CollectionFollow, follower=ben, collection=collection)


def test_the_database_knows_a_self_follow_from_another(ana, ben):
    Follow.objects.filter(follower=ana).delete()
    assert refused(Follow, follower=ana, followed=ana, is_self=False)
    assert refused(Follow, follower=ana, followed=ben, is_self=True)


def test_the_feeds_that_follow_because_of_a_follow(ana, ben):
    row = FollowFactory(follower=ben, followed=ana)
    assert row.stream_follows == [
        (f"timeline:{ben.pk}", f"user:{ana.pk}", None),
        (f"timeline:{ben.pk}", f"links:{ana.pk}", None),
        (f"notification:{ben.pk}", f"user:{ana.pk}", 0),
    ]
    row = CollectionFollowFactory(follower=ben, collection=CollectionFactory(author=ana))
    assert row.stream_follows == [(f"timeline:{ben.pk}", f"collection:{row.collection_id}", None)]


def test_rows_name_themselves_in_the_admin(ana, ben, collection):
    assert str(FollowFactory(follower=ben, followed=ana)) == "ben → ana"
    assert str(CollectionFollowFactory(follower=ben, collection=collection)) == "ben → Typography"

"""The comparison of feeds and database, which other tests rely on."""

import pytest
from stream_django.client import stream_client

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from follows.models import CollectionFollow, Follow
from tests.hosted.comparison import differences

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def collection(recover):
    reader, collection = UserFactory(), CollectionFactory()
    ContentFactory.create_batch(2, collection=collection)
    Follow.objects.follow(reader, collection.author)
    CollectionFollow.objects.follow(reader, collection)
    recover()
    return collection


def test_correct_feeds_have_no_differences(collection, stream_itself):
    assert differences(stream_itself) == []


def test_undelivered_entry_is_a_difference(collection, stream_itself):
    ContentFactory(collection=collection)
    names = [line.partition(" holds ")[0] for line in differences(stream_itself)]
    timelines = [f"timeline:{follow.follower_id}" for follow in collection.follows.order_by("pk")]
    assert sorted(names) == sorted(
        [f"collection:{collection.pk}", f"links:{collection.author_id}", *timelines]
    )


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda one: stream_client.users.delete(str(one.author_id)), "user "),
        (lambda one: stream_client.collections.delete("collections", str(one.pk)), "object "),
        (
            lambda one: stream_client.feed("timeline", str(one.author_id)).unfollow(
                "collection", str(one.pk)
            ),
            "what timeline:",
        ),
        (
            lambda one: stream_client.feed("user", str(one.author_id)).add_activity(
                {"actor": "SU:0", "verb": "create", "object": "SO:collections:0"}
            ),
            "user:",
        ),
    ],
)
def test_spoiled_feed_has_differences(collection, stream_itself, spoil, sentence):
    spoil(collection)
    assert any(line.startswith(sentence) for line in differences(stream_itself))

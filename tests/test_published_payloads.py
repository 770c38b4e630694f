"""Pin what each published row sends to Stream: existing databases and feeds depend on it."""

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from stream import serializer
from stream_django.feed_manager import feed_manager

from accounts.tests.factories import UserFactory
from collections_app.models import Collection, Content, SavedLink, Saving
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.published import models_on
from follows.models import CollectionFollow, Follow

pytestmark = pytest.mark.django_db

TIME = datetime(2026, 3, 4, 12, 5, 6, 789, tzinfo=UTC)
SENT_TIME = "2026-03-04T12:05:06.000789"


@pytest.fixture(autouse=True)
def rows():
    """Create a row of each published model, with keys of its own."""
    OutboxEntry.objects.all().delete()
    ana = UserFactory(pk=7001, username="ana", name="Ana Lima")
    ben = UserFactory(pk=7002, username="ben", name="")
    typography = CollectionFactory(
        pk=31, author=ana, name="Typography", description="Letters.", created_at=TIME
    )
    shelf = CollectionFactory(pk=32, author=ben, name="Shelf", description="Mine.", created_at=TIME)
    texts = {"url": "https://a.org/", "title": "A", "description": "First.", "created_at": TIME}
    link = ContentFactory(pk=41, collection=typography, **texts)
    copy = ContentFactory(pk=42, collection=shelf, **texts)
    saved_link = SavedLink.objects.create(link=link)
    Saving.objects.create(pk=51, saved_link=saved_link, copy=copy, saver=ben, created_at=TIME)
    Follow.objects.create(pk=61, follower=ben, followed=ana, created_at=TIME)
    CollectionFollow.objects.create(pk=71, follower=ben, collection=typography, created_at=TIME)


ACTIVITIES = {
    "collections_app.Collection:31": (
        "user:7001",
        {
            "actor": "SU:7001",
            "verb": "create",
            "object": "SO:collections:31",
            "foreign_id": "collections_app.Collection:31",
            "time": SENT_TIME,
            "name": "Typography",
            "description": "Letters.",
        },
    ),
    "collections_app.Content:41": (
        "collection:31",
        {
            "actor": "SU:7001",
            "verb": "post",
            "object": "SO:collections:31",
            "foreign_id": "collections_app.Content:41",
            "time": SENT_TIME,
            "to": ["links:7001"],
            "title": "A",
            "url": "https://a.org/",
            "description": "First.",
            "image": "",
        },
    ),
    "collections_app.Saving:51": (
        "follow:7002",
        {
            "actor": "SU:7002",
            "verb": "save",
            "object": "SO:links:41",
            "foreign_id": "collections_app.Saving:51",
            "time": SENT_TIME,
            "to": ["notification:7001"],
        },
    ),
    "follows.Follow:61": (
        "follow:7002",
        {
            "actor": "SU:7002",
            "verb": "follow",
            "object": "SU:7001",
            "foreign_id": "follows.Follow:61",
            "time": SENT_TIME,
            "to": ["notification:7001"],
        },
    ),
    "follows.CollectionFollow:71": (
        "follow:7002",
        {
            "actor": "SU:7002",
            "verb": "follow_collection",
            "object": "SO:collections:31",
            "foreign_id": "follows.CollectionFollow:71",
            "time": SENT_TIME,
            "to": ["notification:7001"],
        },
    ),
}


def row_of(subject):
    label, _, pk = subject.partition(":")
    return apps.get_model(label).objects.get(pk=pk)


@pytest.mark.parametrize("subject", ACTIVITIES)
def test_activity(subject):
    row, (feed, activity) = row_of(subject), ACTIVITIES[subject]
    assert json.loads(serializer.dumps(row.create_activity())) == activity
    assert row.activity_foreign_id == activity["foreign_id"]
    assert feed_manager.activity_feed(row) == feed


FOLLOWS = {
    "follows.Follow:61": (
        "user:7001",
        [
            ("timeline:7002", "user:7001", None),
            ("timeline:7002", "links:7001", None),
            ("notification:7002", "user:7001", 0),
        ],
    ),
    "follows.CollectionFollow:71": (
        "collection:31",
        [("timeline:7002", "collection:31", None)],
    ),
}


@pytest.mark.parametrize("subject", FOLLOWS)
def test_follows(subject):
    row, (feed, follows) = row_of(subject), FOLLOWS[subject]
    assert row.stream_followed_feed == feed
    assert row.stream_follows == follows
    assert row.has_activity


def test_saving_follows_nothing():
    saving = row_of("collections_app.Saving:51")
    assert list(saving.stream_follows) == []
    assert saving.has_activity


OBJECTS = {
    "collections_app.Collection:31": (
        "collections",
        "collection:31",
        {"name": "Typography", "description": "Letters."},
    ),
    "collections_app.SavedLink:41": (
        "links",
        "link:41",
        {"title": "A", "address": "/collections/31/?link=41#link-41"},
    ),
}


@pytest.mark.parametrize("subject", OBJECTS)
def test_object(subject):
    row, (collection, feed, data) = row_of(subject), OBJECTS[subject]
    assert row.stream_object_collection == collection
    assert feed_manager.object_feed(row) == feed
    assert row.stream_object_data == data


def test_user():
    ana, ben = row_of("accounts.User:7001"), row_of("accounts.User:7002")
    assert ana.stream_user_data == {"username": "ana", "name": "Ana Lima", "avatar": ""}
    assert ben.stream_user_data == {"username": "ben", "name": "ben", "avatar": ""}


def new_entries(seen):
    """Return operation, subject, key and details of entries behind `seen`, self-follows apart."""
    rows = OutboxEntry.objects.filter(pk__gt=seen).order_by("pk")
    return [
        (row.operation, row.subject, row.key, row.details)
        for row in rows
        if row.operation != "follow" or row.subject in FOLLOWS
    ]


def test_outbox_of_new_rows():
    assert new_entries(0) == [
        ("set_user", "accounts.User:7001", "user:7001", {}),
        ("set_user", "accounts.User:7002", "user:7002", {}),
        ("set_object", "collections_app.Collection:31", "collection:31", {}),
        ("add", "collections_app.Collection:31", "user:7001", {}),
        ("set_object", "collections_app.Collection:32", "collection:32", {}),
        ("add", "collections_app.Collection:32", "user:7002", {}),
        ("add", "collections_app.Content:41", "collection:31", {}),
        ("add", "collections_app.Content:42", "collection:32", {}),
        ("set_object", "collections_app.SavedLink:41", "link:41", {}),
        ("add", "collections_app.Saving:51", "follow:7002", {}),
        ("follow", "follows.Follow:61", "user:7001", {}),
        ("add", "follows.Follow:61", "follow:7002", {}),
        ("follow", "follows.CollectionFollow:71", "collection:31", {}),
        ("add", "follows.CollectionFollow:71", "follow:7002", {}),
    ]


def deleted(subject):
    """Return the entries of deleting a row."""
    seen = OutboxEntry.objects.latest("pk").pk
    row_of(subject).delete()
    return new_entries(seen)


def test_outbox_of_deleted_collection():
    entries = deleted("collections_app.Collection:31")
    entries[0][3]["pairs"].sort()
    assert entries == [
        (
            "unfollow_many",
            "collections_app.Collection:31",
            "collection:31",
            {
                "pairs": [
                    ["timeline:7001", "collection:31"],
                    ["timeline:7002", "collection:31"],
                ],
                "activities": [["follow:7002", "follows.CollectionFollow:71"]],
            },
        ),
        (
            "remove",
            "collections_app.Collection:31",
            "user:7001",
            {"foreign_id": "collections_app.Collection:31"},
        ),
        ("empty_feed", "collections_app.Collection:31", "collection:31", {}),
        (
            "delete_object",
            "collections_app.Collection:31",
            "collection:31",
            {"collection": "collections", "id": "31"},
        ),
        (
            "unfollow_many",
            "collections_app.Collection:31",
            "user:7001",
            {"pairs": [], "activities": [["follow:7002", "collections_app.Saving:51"]]},
        ),
        (
            "delete_object",
            "collections_app.Collection:31",
            "link:41",
            {"collection": "links", "ids": ["41"]},
        ),
    ]


def test_outbox_of_deleted_link():
    assert deleted("collections_app.Content:41") == [
        (
            "remove",
            "collections_app.Content:41",
            "collection:31",
            {"foreign_id": "collections_app.Content:41"},
        ),
        (
            "unfollow_many",
            "collections_app.Content:41",
            "collection:31",
            {"pairs": [], "activities": [["follow:7002", "collections_app.Saving:51"]]},
        ),
        (
            "delete_object",
            "collections_app.Content:41",
            "link:41",
            {"collection": "links", "ids": ["41"]},
        ),
    ]


def test_outbox_of_deleted_follows():
    assert deleted("follows.Follow:61") == [
        (
            "unfollow_many",
            "follows.Follow:61",
            "user:7001",
            {
                "pairs": [
                    ["timeline:7002", "user:7001"],
                    ["timeline:7002", "links:7001"],
                    ["notification:7002", "user:7001"],
                ],
                "activities": [["follow:7002", "follows.Follow:61"]],
            },
        ),
    ]
    assert deleted("follows.CollectionFollow:71") == [
        (
            "unfollow_many",
            "follows.CollectionFollow:71",
            "collection:31",
            {
                "pairs": [["timeline:7002", "collection:31"]],
                "activities": [["follow:7002", "follows.CollectionFollow:71"]],
            },
        ),
    ]


def test_every_published_model_is_pinned():
    published = {row._meta.model for row in map(row_of, ACTIVITIES)}
    assert published == {Collection, Content, Saving, Follow, CollectionFollow}
    assert published == {model for model in apps.get_models() if hasattr(model, "create_activity")}


VERBS = {
    "user": {"create"},
    "collection": {"post"},
    "links": {"post"},
    "follow": {"follow", "follow_collection", "save"},
    "timeline": {"create", "post"},
    "notification": {"create", "follow", "follow_collection", "save"},
}


@pytest.mark.parametrize("group", VERBS)
def test_verbs_on_feeds_of_group(group):
    assert {model.verb for model in models_on(group)} == VERBS[group]


@pytest.mark.parametrize("subject", ACTIVITIES)
def test_activity_takes_one_query(subject, django_assert_num_queries):
    label, _, pk = subject.partition(":")
    model = apps.get_model(label)
    with django_assert_num_queries(1):
        row = model._base_manager.select_related(*model.activity_related_models()).get(pk=pk)
        row.create_activity()
        feed_manager.activity_feed(row)
        assert row.activity_is_public

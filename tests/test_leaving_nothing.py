"""Deleted, unfollowed or blocked rows leave no trace: every table is searched for them.

The staff log is left out, and so are the outbox's delivered entries, which are pruned.
"""

import re

import pytest
from django.db import connection, models

from accounts import services
from accounts.tests.factories import UserFactory
from collections_app.models import Collection
from collections_app.services import add_link, delete_collection, delete_link
from collections_app.tests.factories import CollectionFactory
from feeds.models import OutboxEntry
from feedserver.models import ActivityGroup, FeedEntry
from follows.models import CollectionFollow, Follow
from messaging.services import send
from search.words import words

pytestmark = pytest.mark.django_db

# Primary keys that occur nowhere else in the database.
PERSON, FOLLOWER, COLLECTION = 770_000_123, 770_000_456, 880_000_789
SEARCHED_FIELDS = {"name", "about", "title", "description"}
EXCLUDED_TABLES = {"feeds_outboxentry", "django_admin_log", "moderation_logrecord"}


@pytest.fixture
def ana():
    return UserFactory(pk=PERSON, username="ana_lopes", name="Ana Lopes", about="Letters.")


@pytest.fixture
def ben():
    return UserFactory(pk=FOLLOWER, username="ben_okafor", name="Ben Okafor")


@pytest.fixture
def collection(ana):
    return CollectionFactory(
        pk=COLLECTION, author=ana, name="Typography", description="All about ligatures."
    )


@pytest.fixture
def links(collection):
    pages = ("serifs", "kerning", "hyphens")
    return [
        add_link(collection=collection, url=f"https://{page}.example.org/", title=f"On {page}")
        for page in pages
    ]


@pytest.fixture
def followed(ana, ben, links, deliver):
    """Let Ben and another person follow Ana and her collection, and Ana follow both."""
    third = UserFactory()
    for sender, recipient in ((ana, ben), (ben, ana)):
        send(sender=sender, recipient=recipient, body="Nobody is named here.")
    for follower, person in ((ben, ana), (ana, ben), (third, ana), (ana, third)):
        Follow.objects.follow(follower, person)
    for follower in (ben, third):
        CollectionFollow.objects.follow(follower, links[0].collection)
    deliver()
    return third


def traces(*targets):
    """Return the rows of all tables with an id, name, text or foreign id of `targets`."""
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    needles = [needle for target in targets for needle in names(target)]
    words = "|".join(map(re.escape, needles))
    pattern = re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])")  # "_" joins the parts of a group
    with connection.cursor() as cursor:
        tables = [row.name for row in connection.introspection.get_table_list(cursor)]
        return [
            (table, row)
            for table in tables
            if table not in EXCLUDED_TABLES
            for row in rows(cursor, table)
            if pattern.search(row)
        ]


def names(target):
    """Yield every text of `target`, its id if it is unique, and its foreign id.

    Of searched fields also the longest word, as in the search index.
    """
    for field in target._meta.concrete_fields:
        value = getattr(target, field.attname)
        if isinstance(field, models.CharField | models.TextField) and len(value or "") > 2:
            yield value
            if field.name in SEARCHED_FIELDS:
                yield max(words(value), key=len)
    if target.pk >= PERSON:
        yield str(target.pk)
    if hasattr(target, "activity_foreign_id"):
        yield target.activity_foreign_id


def rows(cursor, table):
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return ["|".join(map(str, row)) for row in cursor.fetchall()]


def test_traces_are_found(followed, ana, collection, links):
    tables = {table for table, _row in traces(ana, collection, *links)}
    assert {
        "accounts_user",
        "collections_app_collection",
        "collections_app_content",
        "feedserver_activity",
        "feedserver_activitygroup",
        "feedserver_feed",
        "feedserver_streamobject",
        "feedserver_streamuser",
        "follows_follow",
        "messaging_message",
        "notifications_cursor",
        "notifications_notification",
        "search_collection",
        "search_link",
        "search_person",
    } <= tables


def test_deleted_collection_leaves_nothing(followed, collection, links, deliver):
    follows = list(CollectionFollow.objects.filter(collection=collection))
    delete_collection(collection=collection)
    deliver()
    assert traces(collection, *links, *follows) == []


def test_deleted_link_leaves_nothing(followed, links, deliver):
    delete_link(link=links[0])
    deliver()
    assert traces(links[0]) == []


@pytest.mark.parametrize("inline", [True, False])
def test_deleted_person_leaves_nothing(
    followed, ana, collection, links, deliver, commit, client, inline
):
    client.force_login(ana)
    client.get("/")
    client.get("/notifications/")
    follows = [*Follow.objects.filter(follower=ana), *Follow.objects.filter(followed=ana)]
    follows += CollectionFollow.objects.filter(collection=collection)
    if inline:
        with commit():
            services.delete_person(ana)
    else:
        services.delete_person(ana)
    deliver()
    assert traces(ana, collection, *links, *follows) == []


def test_mutual_followers_leave_nothing(followed, ana, ben, collection, links, deliver):
    services.delete_person(ana)
    services.delete_person(ben)
    deliver()
    assert traces(ana, ben, collection, *links) == []


def test_unfollowed_person_leaves_nothing(followed, ana, ben, links, deliver, client):
    row = Follow.objects.get(follower=ben, followed=ana)
    CollectionFollow.objects.unfollow(ben, links[0].collection)
    Follow.objects.unfollow(ben, ana)
    deliver()
    assert traces(row) == []
    assert entries_of(ben) == []


def test_unfollowed_collection_leaves_nothing(followed, ana, ben, collection, deliver):
    row = CollectionFollow.objects.get(follower=ben, collection=collection)
    Follow.objects.unfollow(ben, ana)
    CollectionFollow.objects.unfollow(ben, collection)
    deliver()
    assert traces(row) == []
    assert entries_of(ben) == []


def test_block_leaves_no_follow(followed, ana, ben, deliver):
    rows = [
        *Follow.objects.filter(follower__in=[ana, ben], followed__in=[ana, ben], is_self=False),
        CollectionFollow.objects.get(follower=ben),
    ]
    services.block(blocker=ana, blocked=ben)
    deliver()
    assert len(rows) == 3
    assert traces(*rows) == []
    assert entries_of(ben) == []


def entries_of(person):
    """Return the entries and groups of a person's timeline."""
    feed = {"feed__slug": "timeline", "feed__user_id": str(person.pk)}
    return [*FeedEntry.objects.filter(**feed), *ActivityGroup.objects.filter(**feed)]


@pytest.mark.slow
def test_deletion_takes_few_entries(ana, collection):
    person = type(ana)
    people = person.objects.bulk_create(
        [person(username=f"p{number}", email=f"p{number}@example.com") for number in range(10_000)],
        batch_size=1000,
    )
    CollectionFollow.objects.bulk_create(
        [CollectionFollow(follower=follower, collection=collection) for follower in people],
        batch_size=1000,
    )
    OutboxEntry.objects.all().delete()
    delete_collection(collection=collection)
    assert not Collection.objects.exists()
    assert OutboxEntry.objects.count() <= 30
    pairs = [
        pair
        for entry in OutboxEntry.objects.filter(operation="unfollow_many")
        for pair in entry.details["pairs"]
    ]
    assert len({source for source, _target in pairs}) == 10_001

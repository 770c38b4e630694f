"""From a save to a browser: what is written is read back through the feed endpoint."""

import subprocess
import sys
import uuid

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from accounts.tests.factories import UserFactory
from collections_app import services
from collections_app.models import Collection, Content
from feeds.models import OutboxEntry
from feeds.stream.tokens import read_token

pytestmark = pytest.mark.django_db(transaction=True)


def read_feed(client, group, feed_id):
    """Return the activities of a feed as a browser reads them, with a page's token."""
    response = client.get(
        f"{settings.FEEDS_API_URL}enrich/feed/{group}/{feed_id}/",
        {"api_key": settings.STREAM_API_KEY},
        headers={
            "authorization": read_token(group, str(feed_id)).value,
            "stream-auth-type": "jwt",
        },
    )
    assert response.status_code == 200, response.content
    return response.json()["results"]


@pytest.fixture
def author():
    return UserFactory(username="ana", name="Ana Lima")


@pytest.fixture
def collection(author):
    return services.create_collection(author=author, name="Typography", description="Letters.")


@pytest.fixture
def link(collection):
    return services.add_link(
        collection=collection, url="https://practicaltypography.com/", title="Practical Typography"
    )


def test_new_collection_is_on_author_feed(client, author, collection):
    (activity,) = read_feed(client, "user", author.pk)
    assert activity["verb"] == "create"
    assert activity["actor"]["data"]["name"] == "Ana Lima"
    assert activity["object"]["data"] == {"name": "Typography", "description": "Letters."}
    assert activity["foreign_id"] == f"collections_app.Collection:{collection.pk}"


def test_new_link_is_on_both_feeds(client, author, collection, link):
    (activity,) = read_feed(client, "collection", collection.pk)
    assert (activity["verb"], activity["title"]) == ("post", "Practical Typography")
    assert activity["url"] == "https://practicaltypography.com/"
    (same,) = read_feed(client, "links", author.pk)
    assert same["id"] == activity["id"]


def test_change_keeps_activity_id(client, author, collection, link):
    before = [row["id"] for row in read_feed(client, "user", author.pk)]
    services.update_collection(collection=collection, name="Type", description="Letters.")
    services.update_link(link=link, url=link.url, title="A book", description="")
    (made,) = read_feed(client, "user", author.pk)
    assert [made["id"]] == before
    assert made["name"] == made["object"]["data"]["name"] == "Type"
    assert [row["title"] for row in read_feed(client, "collection", collection.pk)] == ["A book"]


def test_deleted_rows_are_on_no_feed(client, author, collection, link):
    services.delete_link(link=link)
    assert read_feed(client, "collection", collection.pk) == []
    assert read_feed(client, "links", author.pk) == []
    services.delete_collection(collection=collection)
    assert read_feed(client, "user", author.pk) == []


def test_renamed_person_changes_old_activities(client, author, collection):
    author.name = "Ana Lima Souza"
    author.save()
    (activity,) = read_feed(client, "user", author.pk)
    assert activity["actor"]["data"]["name"] == "Ana Lima Souza"


def test_publishing_works_after_migration(client, author):
    call_command("migrate", verbosity=0)
    services.create_collection(author=author, name="After", description="A migration.")
    assert [row["name"] for row in read_feed(client, "user", author.pk)] == ["After"]


def test_returned_stream_id_is_kept(client, author, collection, link):
    (activity,) = read_feed(client, "collection", collection.pk)
    assert Content.objects.get().stream_id == activity["id"]
    assert Collection.objects.get().stream_id == read_feed(client, "user", author.pk)[0]["id"]


def test_save_queues_one_activity(author, collection, link):
    added = OutboxEntry.objects.filter(operation="add").values_list("subject", flat=True)
    assert sorted(added) == [
        f"collections_app.Collection:{collection.pk}",
        f"collections_app.Content:{link.pk}",
    ]


def test_rolled_back_save_publishes_nothing(client, author):
    before = OutboxEntry.objects.count()
    with transaction.atomic():
        services.create_collection(author=author, name="Never", description="Rolled back.")
        transaction.set_rollback(True)
    assert OutboxEntry.objects.count() == before
    assert read_feed(client, "user", author.pk) == []


PROCESS = """
import django
django.setup()
from accounts.tests.factories import UserFactory
from collections_app import services
from feeds.models import OutboxEntry
from stream_django.client import stream_client
author = UserFactory(username="{username}")
collection = services.create_collection(author=author, name="One", description="Save.")
subject = f"collections_app.Collection:{{collection.pk}}"
entries = OutboxEntry.objects.filter(operation="add", subject=subject)
assert [entry.state for entry in entries] == ["delivered"], list(entries.values())
assert len(stream_client.feed("user", str(author.pk)).get()["results"]) == 1
"""


@pytest.mark.slow
def test_unmigrated_process_queues_one_entry(tmp_path):
    """stream-django binds every Activity model by itself until a migration switches it off."""
    database = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    run = {"cwd": settings.BASE_DIR, "check": True, "env": environment(database)}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], **run)
    username = f"person{uuid.uuid4().hex[:8]}"
    subprocess.run([sys.executable, "-c", PROCESS.format(username=username)], **run)


def environment(database):
    return {
        "PATH": "",
        "SECRET_KEY": "a key for tests only, of more than fifty characters in all",
        "DJANGO_SETTINGS_MODULE": "socialnet.test_settings",
        "DATABASE_URL": database,
    }


def test_failing_delivery_keeps_page_working(client, author, broken_stream):
    client.force_login(author)
    answer = client.post(
        reverse("collections:create"), {"name": "Typography", "description": "Letters."}
    )
    assert answer.status_code == 302
    assert Collection.objects.get().name == "Typography"
    entry = OutboxEntry.objects.get(operation="add")
    assert (entry.state, entry.attempts) == ("pending", 1)

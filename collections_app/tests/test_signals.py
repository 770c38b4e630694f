"""Outbox entries of each action, in order."""

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.services import delete_person, lift, suspend
from accounts.tests.factories import UserFactory
from collections_app import services
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.signals import activity_delivered

pytestmark = pytest.mark.django_db


def about(target):
    return f"{target._meta.label}:{target.pk}"


def test_create_and_edit_collection_entries(ana, entries):
    entries()
    collection = services.create_collection(author=ana, name="Maps", description="Old.")
    own, feed = f"collection:{collection.pk}", f"user:{ana.pk}"
    assert entries() == [
        ("set_object", about(collection), own),
        ("add", about(collection), feed),
    ]
    services.update_collection(collection=collection, name="Charts", description="Old.")
    assert entries() == [
        ("set_object", about(collection), own),
        ("update", about(collection), feed),
    ]


def test_create_edit_and_delete_link_entries(collection, entries):
    entries()
    feed = f"collection:{collection.pk}"
    link = services.add_link(collection=collection, url="https://a.org/", title="A")
    assert entries() == [("add", about(link), feed)]
    services.update_link(link=link, url="https://b.org/", title="B", description="")
    assert entries() == [("update", about(link), feed)]
    services.delete_link(link=link)
    assert entries() == [("remove", about(link), feed)]


def test_deleting_collection_takes_three_entries(collection, entries):
    for _number in range(5):
        ContentFactory(collection=collection)
    entries()
    services.delete_collection(collection=collection)
    assert entries() == [
        ("remove", about(collection), f"user:{collection.author_id}"),
        ("empty_feed", about(collection), f"collection:{collection.pk}"),
        ("delete_object", about(collection), f"collection:{collection.pk}"),
    ]
    assert not Content.objects.exists()


def test_deleting_rows_of_links_removes_each(link, entries):
    entries()
    Content.objects.filter(pk=link.pk).delete()
    assert entries() == [("remove", about(link), f"collection:{link.collection_id}")]


def test_deleting_person_empties_feeds(link, entries):
    ana, collection = link.author, link.collection
    ContentFactory(collection=collection)
    expected = [
        ("empty_feed", about(ana), f"user:{ana.pk}"),
        ("empty_feed", about(collection), f"collection:{collection.pk}"),
        ("delete_object", about(collection), f"collection:{collection.pk}"),
    ]
    entries()
    delete_person(ana)
    assert [entry for entry in entries() if entry[0] != "delete_user"] == expected
    assert not Collection.objects.exists()


def test_suspension_unpublishes_and_end_republishes(link, moderator, entries):
    ana, collection = link.author, link.collection
    hidden = ContentFactory(collection=collection)
    services.hide(target=hidden, by=moderator, reason="Spam.")
    entries()
    suspend(person=ana, by=moderator, reason="Spam.")
    feed = f"collection:{collection.pk}"
    assert [entry for entry in entries() if entry[0] != "delete_user"] == [
        ("empty_feed", about(ana), f"user:{ana.pk}"),
        ("empty_feed", about(collection), feed),
        ("delete_object", about(collection), feed),
    ]
    lift(person=ana, by=moderator, reason="Sorry.")
    assert [entry for entry in entries() if entry[0] != "set_user"] == [
        ("set_object", about(collection), feed),
        ("add", about(collection), f"user:{ana.pk}"),
        ("add", about(link), feed),
    ]


def test_hide_and_restore_collection_entries(link, moderator, entries):
    collection = link.collection
    own, feed = f"collection:{collection.pk}", f"user:{collection.author_id}"
    entries()
    services.hide(target=collection, by=moderator, reason="Spam.")
    assert entries() == [
        ("remove", about(collection), feed),
        ("empty_feed", about(collection), own),
        ("delete_object", about(collection), own),
    ]
    services.restore(target=collection, by=moderator, reason="Sorry.")
    assert entries() == [
        ("set_object", about(collection), own),
        ("add", about(collection), feed),
        ("add", about(link), own),
    ]


def test_hide_and_restore_link_entries(link, moderator, entries):
    entries()
    services.hide(target=link, by=moderator, reason="Spam.")
    assert entries() == [("remove", about(link), f"collection:{link.collection_id}")]
    services.restore(target=link, by=moderator, reason="Sorry.")
    assert entries() == [("add", about(link), f"collection:{link.collection_id}")]


def test_rolled_back_save_adds_no_entry(ana, entries):
    entries()
    with transaction.atomic():
        services.create_collection(author=ana, name="Maps", description="Old.")
        transaction.set_rollback(True)
    assert entries() == []


def test_loaded_fixtures_add_no_entry(link, entries, tmp_path):
    dump = tmp_path / "rows.json"
    call_command("dumpdata", "collections_app", output=str(dump))
    entries()
    call_command("loaddata", str(dump), verbosity=0)
    assert entries() == []


def test_stream_id_is_saved_without_entry(link, entries):
    entries()
    for row in (link, link.collection):
        activity_delivered.send(sender=type(row), ids={row.pk: f"id-{row.pk}"})
        row.refresh_from_db()
        assert row.stream_id == f"id-{row.pk}"
    assert entries() == []


def test_deleting_empty_person_adds_no_entries(entries):
    person = UserFactory()
    CollectionFactory()
    entries()
    delete_person(person)
    assert "collections_app" not in str(entries())
    assert not OutboxEntry.objects.filter(operation="delete_object").exists()

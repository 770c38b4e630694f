"""Keeping the search index up to date."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection, transaction

from accounts.services import delete_person
from accounts.tests.factories import UserFactory
from collections_app import imports, services
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from search import full_text
from search.finding import find
from search.index import INDEXED, rebuild
from search.models import CollectionEntry, LinkEntry, PersonEntry
from search.words import Query
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db


def found(text):
    """Return the keys of all results for `text`."""
    kinds = find(Query(text), AnonymousUser()).values()
    return {hit.pk for kind in kinds for hit in kind}


def entries():
    """Return how many people, collections and links are in the index."""
    models = (PersonEntry, CollectionEntry, LinkEntry)
    return tuple(model.objects.count() for model in models)


@pytest.fixture
def link():
    author = UserFactory(username="ana", name="Ana Lopes", about="Loves kerning.")
    collection = CollectionFactory(author=author, name="Serifs", description="Old letters.")
    return ContentFactory(
        collection=collection, url="https://glyphs.example/", title="Ligatures", description="Fine."
    )


@pytest.mark.parametrize(
    "text", ["ana", "lopes", "kerning", "serifs", "old", "ligatures", "fine", "glyphs"]
)
def test_every_saved_text_is_found(link, text):
    assert found(text)


def test_imported_links_are_found(link):
    row = b'<A HREF="https://wood.example/">Woodtype</A>'
    bookmark_import = imports.start(person=link.author, file_name="a.html", data=row)
    imports.run_slice(bookmark_import.pk)
    assert len(found("woodtype")) == 1


def test_changed_link_is_reindexed(link):
    services.update_link(link=link, url="https://fonts.example/", title="Swashes", description="")
    assert found("swashes") == found("fonts") == {link.pk}
    assert not any(found(text) for text in ("ligatures", "glyphs", "fine"))


def test_changed_collection_is_reindexed(link):
    services.update_collection(collection=link.collection, name="Sans", description="New letters.")
    assert found("sans new") == {link.collection.pk}
    assert not found("serifs")


def test_changed_profile_is_reindexed(link, client):
    person = link.author
    client.force_login(person)
    client.post("/settings/profile/", {"name": "Ana Reis", "about": ""})
    assert found("reis") == {person.pk}
    assert not found("lopes") | found("kerning")


def test_saving_other_fields_leaves_the_index_alone(link, django_assert_num_queries):
    with django_assert_num_queries(1):
        link.author.save(update_fields=["last_login"])


def test_unsaved_fields_are_not_indexed(link):
    link.title, link.description = "Swashes", "Never saved."
    link.save(update_fields=["title"])
    assert found("swashes fine") == {link.pk}
    assert not found("never")


def test_rolled_back_rows_are_not_indexed(link):
    with transaction.atomic():
        ContentFactory(collection=link.collection, title="Undone")
        transaction.set_rollback(True)
    assert not found("undone")
    assert entries() == (1, 1, 1)


def test_a_deleted_link_leaves_the_index(link):
    services.delete_link(link=link)
    assert entries() == (1, 1, 0)


def test_deleted_collection_leaves_index_with_links(link):
    ContentFactory(collection=link.collection)
    services.delete_collection(collection=link.collection)
    assert entries() == (1, 0, 0)


def test_deleted_person_leaves_index(link):
    delete_person(link.author)
    assert entries() == (0, 0, 0)


def test_bulk_deletion_empties_index(link):
    Collection.objects.all().delete()
    assert entries() == (1, 0, 0)


class TestRebuild:
    @pytest.fixture
    def stale(self, link):
        """Return a link that was changed, beside new ones, without updating the index."""
        Content.objects.filter(pk=link.pk).update(title="Swashes")
        Content.objects.bulk_create(
            Content(collection=link.collection, url_key=key, url="https://a.org/", title="Dingbat")
            for key in "abcde"
        )
        return link

    def test_rebuild_indexes_new_and_changed_rows(self, stale):
        call_command("rebuild_search", verbosity=0)
        assert found("swashes") == {stale.pk}
        assert not found("ligatures")
        assert len(found("dingbat")) == 5
        assert entries() == (1, 1, 6)

    def test_rebuild_is_repeatable(self, stale):
        for _ in range(2):
            call_command("rebuild_search", verbosity=0)
        assert entries() == (1, 1, 6)

    def test_interruption_ends_with_a_sentence(self, stale, capsys, monkeypatch):
        def interrupt(entries):
            raise KeyboardInterrupt

        monkeypatch.setattr(full_text, "put", interrupt)
        with pytest.raises(SystemExit):
            call_command("rebuild_search")
        assert capsys.readouterr().out == "\nStopped. Start again to go on.\n"

    def test_rebuild_missing_rows_only(self, stale, capsys):
        call_command("rebuild_search", missing=True)
        assert "links: 5 indexed." in capsys.readouterr().out
        assert entries() == (1, 1, 6)
        assert not found("swashes")

    def test_deploying_indexes_what_is_missing(self, stale):
        call_command("deploy", verbosity=0)
        assert entries() == (1, 1, 6)

    def test_rebuild_goes_in_batches(self, stale):
        assert list(rebuild(Content, batch_size=4)) == [4, 2]
        assert list(rebuild(Content, missing=True, batch_size=4)) == []

    def test_the_migration_indexes_what_is_there(self, stale):
        for indexed in INDEXED.values():
            indexed.entries.objects.all().delete()
        fill = importlib.import_module("search.migrations.0002_index_what_exists")
        fill.fill(apps, SimpleNamespace(connection=connection), at_once=2)
        assert entries() == (1, 1, 6)
        assert found("swashes") == {stale.pk}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestConcurrentChanges:
    def test_rebuild_keeps_concurrent_changes(self):
        links = ContentFactory.create_batch(6, title="Before")

        def change(link):
            services.update_link(link=link, url=link.url, title="After", description="")

        run_at_once(
            [
                *(lambda link=link: change(link) for link in links),
                *[lambda: list(rebuild(Content, batch_size=2))] * 2,
            ]
        )
        assert found("after") == {link.pk for link in links}
        assert not found("before")

    def test_rebuild_skips_concurrent_deletions(self):
        links = ContentFactory.create_batch(4)
        run_at_once(
            [
                *(lambda link=link: services.delete_link(link=link) for link in links[:3]),
                *[lambda: list(rebuild(Content, batch_size=2))] * 2,
            ]
        )
        assert set(LinkEntry.objects.values_list("pk", flat=True)) == {links[3].pk}

    def test_concurrent_profile_saves_both_succeed(self):
        person = UserFactory()

        def rename(name):
            row = get_user_model().objects.get(pk=person.pk)
            row.name = name
            row.save()

        run_at_once([lambda name=name: rename(name) for name in ("One", "Two", "Three", "Four")])
        person.refresh_from_db()
        assert found(person.name) == {person.pk}
        assert entries()[0] == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite keeps its index")
def test_rebuild_erases_deleted_words(link):
    services.delete_link(link=link)
    call_command("rebuild_search", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM search_link_data")
        blocks = b"".join(block for (block,) in cursor.fetchall())
    assert b"ligat" not in blocks

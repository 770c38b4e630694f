from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.utils import timezone

from collections_app import services
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory

pytestmark = pytest.mark.django_db

URL = "https://docs.python.org/3/"


def test_a_collection_is_created_with_trimmed_texts(ana):
    collection = services.create_collection(author=ana, name=" Maps ", description=" Old ones. ")
    collection.refresh_from_db()
    assert (collection.name, collection.description) == ("Maps", "Old ones.")
    assert collection.created_at == collection.last_added_at


@pytest.mark.parametrize("texts", [{"name": "   "}, {"name": "x" * 65}, {"description": "x" * 257}])
def test_a_collection_with_unfit_texts_is_refused(ana, texts):
    with pytest.raises(ValidationError):
        services.create_collection(author=ana, **{"name": "Maps", "description": "Old.", **texts})
    assert not Collection.objects.exists()


def test_editing_collection_keeps_created_at(collection):
    services.update_collection(collection=collection, name="Type", description="New words.")
    edited = Collection.objects.get()
    assert (edited.name, edited.description) == ("Type", "New words.")
    assert edited.created_at == collection.created_at


def test_adding_link_updates_last_added_at(collection):
    link = services.add_link(collection=collection, url=f" {URL} ", title=" Docs ")
    collection.refresh_from_db()
    assert (link.url, link.title) == (URL, "Docs")
    assert collection.last_added_at == link.created_at > collection.created_at


def test_old_link_keeps_last_added_at(collection):
    before = collection.last_added_at
    long_ago = timezone.now() - timedelta(days=400)
    link = services.add_link(collection=collection, url=URL, title="Docs", created_at=long_ago)
    collection.refresh_from_db()
    assert collection.last_added_at == before
    assert link.created_at == long_ago


def test_duplicate_is_refused_and_changes_nothing(link, entries):
    before = Collection.objects.get().last_added_at
    entries()
    with pytest.raises(ValidationError) as refusal:
        services.add_link(collection=link.collection, url="https://WWW.python.org", title="Again")
    assert refusal.value.message_dict == {"url": ["That link is already in this collection."]}
    assert Content.objects.count() == 1
    assert Collection.objects.get().last_added_at == before
    assert entries() == []


def test_adding_to_deleted_collection_returns_none(collection):
    Collection.objects.all().delete()
    assert services.add_link(collection=collection, url=URL, title="Docs") is None


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://ana:pw@python.org/", "", "x" * 3000]
)
def test_invalid_link_is_refused(collection, url):
    with pytest.raises(ValidationError):
        services.add_link(collection=collection, url=url, title="Bad")
    assert not Content.objects.exists()


def test_editing_link_keeps_created_at_and_updates_key(link):
    services.update_link(link=link, url=URL, title="Docs", description="")
    edited = Content.objects.get()
    assert (edited.url, edited.title, edited.description) == (URL, "Docs", "")
    assert edited.url_key != link.url_key
    assert edited.created_at == link.created_at


def test_editing_link_into_duplicate_is_refused(link):
    other = ContentFactory(collection=link.collection)
    with pytest.raises(ValidationError):
        services.update_link(link=other, url=link.url, title="Twice", description="")
    other.refresh_from_db()
    assert other.url != link.url


def test_deleted_rows_are_not_changed_or_published(link, entries):
    collection = link.collection
    services.delete_collection(collection=Collection.objects.get())
    entries()
    assert services.update_collection(collection=collection, name="A", description="B") is None
    assert services.update_link(link=link, url=URL, title="C", description="") is None
    assert services.delete_collection(collection=collection) is False
    assert services.delete_link(link=link) is False
    assert entries() == []


def test_staff_actions_on_others_are_logged(link, moderator):
    options = {"by": moderator, "reason": "House rules."}
    services.update_link(link=link, url=URL, title="Docs", description="", **options)
    services.update_collection(collection=link.collection, name="A", description="B", **options)
    services.hide(target=link, **options)
    services.restore(target=link, **options)
    services.delete_link(link=link, **options)
    services.delete_collection(collection=link.collection, **options)
    records = LogEntry.objects.order_by("pk").values_list("user", "change_message")
    acts = ["Edited", "Edited", "Hidden", "Restored", "Deleted", "Deleted"]
    assert list(records) == [(moderator.pk, f"{act}: House rules.") for act in acts]


def test_own_actions_are_not_logged(link, ana):
    services.update_collection(collection=link.collection, name="A", description="B", by=ana)
    services.delete_link(link=link, by=ana)
    assert not LogEntry.objects.exists()


def test_hiding_and_restoring_are_idempotent(collection, moderator):
    options = {"target": collection, "by": moderator}
    assert services.hide(reason="Spam.", **options) is True
    assert services.hide(reason="Again.", **options) is False
    assert Collection.objects.get().hidden_reason == "Spam."
    assert services.restore(reason="Mistake.", **options) is True
    assert services.restore(reason="Again.", **options) is False
    assert not Collection.objects.get().is_hidden
    assert LogEntry.objects.count() == 2


def test_deleted_collection_is_not_hidden(moderator):
    collection = CollectionFactory()
    Collection.objects.all().delete()
    assert services.hide(target=collection, by=moderator, reason="Spam.") is False
    assert services.restore(target=collection, by=moderator, reason="Spam.") is False

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.tests.factories import SuperuserFactory
from collections_app import services
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from previews.tests.factories import make_picture

pytestmark = pytest.mark.django_db

LISTS = [
    reverse("admin:collections_app_collection_changelist"),
    reverse("admin:collections_app_content_changelist"),
]
COLLECTIONS, LINKS = LISTS


def page_of(target, view="change"):
    return reverse(f"admin:collections_app_{target._meta.model_name}_{view}", args=[target.pk])


@pytest.mark.parametrize("url", LISTS)
def test_lists_are_for_staff(signed_in, ana, moderator, link, url):
    assert signed_in(ana).get(url).status_code in {302, 403}
    assert signed_in(moderator).get(url).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("url", LISTS)
def test_list_query_count_is_constant(signed_in, moderator, link, url, queries_of):
    client = signed_in(moderator)
    one = queries_of(client, url)
    for _number in range(99):
        ContentFactory()
    assert queries_of(client, url) == one <= 15


@pytest.mark.parametrize("words", ["Typography", "Letters", "ana"])
def test_collections_are_found(signed_in, moderator, link, words):
    CollectionFactory(name="Other", description="Another.")
    page = signed_in(moderator).get(COLLECTIONS, {"q": words})
    assert [row.name for row in page.context["cl"].result_list] == ["Typography"]


@pytest.mark.parametrize("words", ["Python", "www.python.org", "ana"])
def test_links_are_found(signed_in, moderator, link, words):
    ContentFactory(title="Other")
    page = signed_in(moderator).get(LINKS, {"q": words})
    assert list(page.context["cl"].result_list) == [link]


def test_hidden_things_are_filtered(signed_in, moderator, link):
    hidden = CollectionFactory(hidden_at=link.created_at, hidden_reason="Spam.")
    page = signed_in(moderator).get(COLLECTIONS, {"hidden": "yes"})
    assert list(page.context["cl"].result_list) == [hidden]


def test_moderator_hides_many_after_confirmation(signed_in, moderator, link):
    ContentFactory(collection=link.collection)
    other = CollectionFactory()
    chosen = {"action": "hide", "_selected_action": [link.collection_id, other.pk]}
    page = signed_in(moderator).post(COLLECTIONS, chosen)
    assert "2 collections with 2 links." in page.text
    assert not Collection.objects.filter(hidden_at__isnull=False).exists()
    signed_in(moderator).post(COLLECTIONS, {**chosen, "confirmed": "1", "reason": "Spam."})
    assert Collection.objects.filter(hidden_reason="Spam.").count() == 2
    assert LogEntry.objects.filter(change_message="Hidden: Spam.").count() == 2


def test_moderator_hides_and_restores_link(signed_in, moderator, link):
    for act in ("hide", "restore"):
        url = reverse("admin:collections_app_content_act", args=[link.pk, act])
        assert url in signed_in(moderator).get(page_of(link)).text
        assert "1 link." in signed_in(moderator).get(url).text
        signed_in(moderator).post(url, {"confirmed": "1", "reason": "Look again."})
        link.refresh_from_db()
        assert link.is_hidden is (act == "hide")


def test_moderators_edit_with_a_reason(signed_in, moderator, link, entries):
    texts = {"url": link.url, "title": "Plain title", "description": ""}
    page = signed_in(moderator).post(page_of(link), texts)
    assert "reason" in page.context["adminform"].form.errors
    entries()
    signed_in(moderator).post(page_of(link), {**texts, "reason": "Shouted."})
    link.refresh_from_db()
    assert link.title == "Plain title"
    assert [operation for operation, _subject, _key in entries()] == ["update"]
    assert "Shouted." in LogEntry.objects.get().change_message


def test_moderators_change_neither_author_nor_state(signed_in, moderator, ben, link):
    collection, extra = (
        link.collection,
        {"reason": "Mine.", "author": ben.pk, "follower_count": 99},
    )
    texts = {"name": "Renamed", "description": "Words.", "hidden_at": "2020-01-01", **extra}
    signed_in(moderator).post(page_of(collection), texts)
    changed = Collection.objects.get()
    assert (changed.name, changed.author, changed.follower_count) == ("Renamed", link.author, 0)
    assert not changed.is_hidden


def test_a_bad_edit_is_a_form_error(signed_in, moderator, link):
    other = ContentFactory(collection=link.collection)
    for url in ("javascript:alert(1)", other.url, "https://[::1"):
        texts = {"url": url, "title": "A", "description": "", "reason": "Why."}
        page = signed_in(moderator).post(page_of(link), texts)
        assert "url" in page.context["adminform"].form.errors


def test_admin_adds_and_deletes_nothing(signed_in, moderator, link):
    add = reverse("admin:collections_app_content_add")
    assert signed_in(moderator).get(add).status_code == 403
    assert signed_in(SuperuserFactory()).get(add).status_code == 403
    assert signed_in(moderator).post(page_of(link, "delete"), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [link.pk], "post": "yes"}
    signed_in(moderator).post(LINKS, chosen)
    assert Content.objects.exists()


def test_superuser_deletes_with_reason_and_unpublishes(signed_in, moderator, link, entries):
    collection, other = link.collection, CollectionFactory()
    url = reverse("admin:collections_app_collection_act", args=[collection.pk, "delete"])
    extra = {"confirmed": "1", "reason": "Spam."}
    assert signed_in(moderator).post(url, extra).status_code == 403
    client = signed_in(SuperuserFactory())
    assert "1 collection with 1 link." in client.get(url).text
    entries()
    client.post(url, extra)
    client.post(COLLECTIONS, {"action": "delete", "_selected_action": [other.pk], **extra})
    operations = [operation for operation, _subject, _key in entries()]
    assert operations == ["remove", "empty_feed", "delete_object"] * 2
    assert not Collection.objects.exists()
    assert LogEntry.objects.filter(change_message="Deleted: Spam.").count() == 2


def test_moderator_deletes_picture_of_many_links(signed_in, ana, moderator, link):
    picture = make_picture()
    Content.objects.update(picture=picture, hidden_at=link.created_at)
    ContentFactory(picture=picture)
    assert signed_in(ana).get(picture.get_absolute_url()).status_code == 200
    url = reverse("admin:previews_picture_act", args=[picture.pk, "delete"])
    answers = {"confirmed": "1", "reason": "Nobody should see this."}
    assert signed_in(ana).post(url, answers).status_code in {302, 403}

    client = signed_in(moderator)
    page = reverse("admin:previews_picture_change", args=[picture.pk])
    assert page in client.get(page_of(link)).text
    assert url in client.get(page).text
    assert "Shown with 2 links." in client.get(url).text
    client.post(url, answers)
    assert client.get(picture.get_absolute_url()).status_code == 404
    assert not Content.objects.exclude(picture=None).exists()
    entry = LogEntry.objects.get()
    assert entry.change_message == "Deleted: Nobody should see this."


def test_deleting_picture_updates_activities(moderator, link, entries):
    picture = make_picture()
    Content.objects.update(picture=picture)
    entries()
    act = {"picture": picture, "by": moderator, "reason": "Nobody should see this."}
    assert services.delete_picture(**act)
    assert [operation for operation, _subject, _key in entries()] == ["update"]
    assert not services.delete_picture(**act)

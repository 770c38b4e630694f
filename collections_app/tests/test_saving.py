"""Saving and moving links."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from stream_django.client import stream_client

from accounts.models import Block
from accounts.services import block, delete_person
from accounts.tests.factories import UserFactory
from collections_app import services
from collections_app.models import Collection, Content, SavedLink, Saving
from collections_app.tests.factories import CollectionFactory, ContentFactory

ADD = reverse("collections:add_link")


@pytest.fixture
def shelf(ben):
    return CollectionFactory(author=ben, name="Shelf")


def save(link, by, collection=None, **options):
    return services.save_link(link=link, by=by, collection=collection, **options)


def notifications(person):
    """Return the groups of notifications about saving, as Stream has them."""
    feed = stream_client.feed("notification", str(person.pk))
    groups = feed.get(enrich=True)["results"]
    return [group for group in groups if group["verb"] == "save"]


def test_copy_has_texts_and_via(link, ana, ben, shelf):
    copy = save(link, ben, shelf)
    assert (copy.collection, copy.url, copy.title) == (shelf, link.url, link.title)
    assert copy.via == ana


def test_new_collection_is_created_while_saving(link, ben):
    copy = save(link, ben, name="Fresh")
    assert (copy.collection.name, copy.collection.author) == ("Fresh", ben)


@pytest.mark.parametrize("name", ["Shelf", " Shelf "])
def test_existing_name_reuses_collection(link, ben, shelf, name):
    assert save(link, ben, name=name).collection == shelf
    with pytest.raises(ValidationError):
        save(link, ben, name=name)
    assert ben.collections.get() == shelf


def test_hidden_collection_is_not_reused(link, ben, shelf):
    Collection.objects.update(hidden_at=timezone.now())
    assert save(link, ben, name="Shelf").collection != shelf


def test_own_copy_has_no_via(link, ana):
    copy = save(link, ana, name="Again")
    assert copy.via is None
    assert not Saving.objects.exists()


def test_refused_duplicate_leaves_no_new_collection(link, ben, shelf):
    save(link, ben, shelf)
    with pytest.raises(ValidationError):
        save(link, ben, shelf)
    assert (Content.objects.count(), Saving.objects.count()) == (2, 1)


def test_block_prevents_via_and_notification(link, ana, ben, shelf):
    Block.objects.create(blocker=ana, blocked=ben)
    assert save(link, ben, shelf).via is None
    assert not Saving.objects.exists()


@pytest.mark.parametrize("by_author", [True, False])
def test_block_deletes_earlier_savings(link, ana, ben, shelf, commit, deliver, by_author):
    other = ContentFactory(collection=shelf)
    cyd = UserFactory()
    with commit():
        save(link, ben, shelf)
        save(other, ana, link.collection)
        kept = save(link, cyd, name="Mine")
    deliver()
    blocker, blocked = (ana, ben) if by_author else (ben, ana)
    with commit():
        block(blocker=blocker, blocked=blocked)
    deliver()
    assert Saving.objects.get().copy == kept
    assert list(Content.objects.filter(via__isnull=False)) == [kept]
    (group,) = notifications(ana)
    assert group["actor_count"] == 1
    assert notifications(ben) == []


def test_author_notifications_are_grouped_per_link(link, ana, commit, deliver):
    people = UserFactory.create_batch(3)
    other = ContentFactory(collection=link.collection, title="Other")
    with commit():
        for person in people:
            save(link, person, name="Shelf")
        save(other, people[0], name="Shelf")
    deliver()
    found = {
        group["activities"][0]["object"]["data"]["title"]: group["actor_count"]
        for group in notifications(ana)
    }
    assert found == {"Python": 3, "Other": 1}


def test_new_title_updates_old_notifications(link, ana, ben, shelf, commit, deliver):
    with commit():
        save(link, ben, shelf)
        services.update_link(link=link, url=link.url, title="Python 3", description="")
    deliver()
    (group,) = notifications(ana)
    assert group["activities"][0]["object"]["data"]["title"] == "Python 3"


@pytest.mark.parametrize("gone", ["copy", "shelf", "link", "collection", "saver"])
def test_notification_is_deleted_with_its_link(link, ana, ben, shelf, commit, deliver, gone):
    with commit():
        copy = save(link, ben, shelf)
    deliver()
    assert notifications(ana)
    targets = {"copy": copy, "shelf": shelf, "link": link, "collection": link.collection}
    with commit():
        if gone == "saver":
            delete_person(ben)
        else:
            services.delete(target=targets[gone])
    deliver()
    assert notifications(ana) == []


def test_hidden_copy_is_unpublished_until_restored(
    link, ana, ben, shelf, moderator, commit, deliver
):
    with commit():
        copy = save(link, ben, shelf)
        services.hide(target=copy, by=moderator, reason="Spam")
    deliver()
    assert notifications(ana) == []
    with commit():
        services.restore(target=copy, by=moderator, reason="No spam")
    deliver()
    assert len(notifications(ana)) == 1


def test_via_goes_without_trace_with_the_person(link, ana, ben, shelf):
    copy = save(link, ben, shelf)
    delete_person(ana)
    copy.refresh_from_db()
    assert copy.via is None


@pytest.mark.slow
def test_deleting_much_saved_links_takes_few_entries(ana, ben, entries):
    collection = CollectionFactory(author=ana)
    for link in ContentFactory.create_batch(30, collection=collection):
        save(link, ben, name="Shelf") if not ben.collections.exists() else save(
            link, ben, ben.collections.get()
        )
    entries()
    services.delete(target=collection)
    assert len(entries()) <= 5
    assert not SavedLink.objects.exists()


def test_move_is_one_transaction(link, ana, collection):
    other = CollectionFactory(author=ana, name="Other")
    moved = services.move_link(link=link, by=ana, collection=other)
    assert (moved.collection, Content.objects.count()) == (other, 1)
    assert moved.pk != link.pk


def test_moving_duplicate_keeps_both_links(link, ana):
    other = ContentFactory(collection__author=ana, url=link.url).collection
    with pytest.raises(ValidationError):
        services.move_link(link=link, by=ana, collection=other)
    assert Content.objects.filter(pk=link.pk).exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows one writer")
def test_concurrent_savers_are_all_counted(link):
    people = UserFactory.create_batch(8)
    errors = []

    def run(person):
        try:
            save(link, person, name="Shelf")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert (SavedLink.objects.count(), Saving.objects.count()) == (1, 8)


# The pages


def test_last_used_collection_is_preselected(signed_in, ben, link, shelf):
    client = signed_in(ben)
    page = client.get(f"{ADD}?from={link.pk}")
    assert page.context["form"]["collection"].value() == shelf.pk
    answer = client.post(f"{ADD}?from={link.pk}", {"collection": shelf.pk}, follow=True)
    assert "Saved to Shelf." in answer.text
    assert "via <a" in answer.text


def test_without_collection_form_asks_for_name(signed_in, ben, link):
    client = signed_in(ben)
    assert "collection" not in client.get(f"{ADD}?from={link.pk}").context["form"].fields
    assert client.post(f"{ADD}?from={link.pk}", {"name": " "}).status_code == 422
    client.post(f"{ADD}?from={link.pk}", {"name": "First"})
    assert ben.collections.get().contents.get().title == link.title


def test_script_gets_confirmation_page(signed_in, ben, link, shelf):
    answer = signed_in(ben).post(
        f"{ADD}?from={link.pk}",
        {"collection": shelf.pk},
        headers={"X-Requested-With": "sheet"},
    )
    assert answer.status_code == 201
    assert "data-sheet-part" in answer.text


def test_saving_duplicate_is_form_error(signed_in, ben, link, shelf):
    client = signed_in(ben)
    for status in (302, 422):
        answer = client.post(f"{ADD}?from={link.pk}", {"collection": shelf.pk})
        assert answer.status_code == status


@pytest.mark.parametrize("key", ["", "x", "-1", "²", "9" * 30, "0"])
def test_invalid_link_key_is_404(signed_in, ben, key):
    assert signed_in(ben).get(f"{ADD}?from={key}").status_code == 404


def test_hidden_links_cannot_be_saved(signed_in, ben, link):
    Content.objects.update(hidden_at=timezone.now())
    assert signed_in(ben).get(f"{ADD}?from={link.pk}").status_code == 404


def test_nobody_saves_to_the_collection_of_another(signed_in, ben, link, collection):
    answer = signed_in(ben).post(f"{ADD}?from={link.pk}", {"collection": collection.pk})
    assert answer.status_code in (302, 422)
    assert collection.contents.count() == 1


def test_only_its_author_moves_a_link(signed_in, ana, ben, moderator, link):
    address = reverse("collections:move_link", args=[link.pk])
    assert signed_in(ben).get(address).status_code == 403
    assert signed_in(moderator).get(address).status_code == 403
    signed_in(ana).post(address, {"name": "Elsewhere"})
    assert Content.objects.get().collection.name == "Elsewhere"


@pytest.mark.parametrize("hidden", ["link", "collection"])
def test_hidden_link_cannot_be_moved(signed_in, ana, link, hidden):
    target = link if hidden == "link" else link.collection
    type(target).objects.update(hidden_at=timezone.now(), hidden_reason="Spam.")
    address, client = reverse("collections:move_link", args=[link.pk]), signed_in(ana)
    assert client.post(address, {"name": "Elsewhere"}).status_code == 403
    assert Content.objects.get().collection == link.collection
    page = client.get(link.collection.get_absolute_url()).text
    assert address not in page
    assert f"?from={link.pk}" not in page


@pytest.mark.parametrize("act", ["save", "move"])
def test_saving_and_moving_count_against_the_hour(signed_in, ben, link, shelf, settings, act):
    settings.LINKS_PER_HOUR = 1
    client, own = signed_in(ben), ContentFactory(collection=shelf)
    assert client.post(f"{ADD}?from={link.pk}", {"collection": shelf.pk}).status_code == 302
    move = reverse("collections:move_link", args=[own.pk])
    answer = client.post({"save": f"{ADD}?from={own.pk}", "move": move}[act], {"name": "Kept"})
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert 'value="Kept"' in answer.text
    assert Content.objects.filter(collection=shelf).count() == 2


def test_a_bookmarklet_fills_in_address_and_title(signed_in, ana, collection):
    page = signed_in(ana).get(f"{ADD}?url=https://a.example/&title=A%00B")
    assert page.context["form"]["url"].value() == "https://a.example/"
    assert page.context["form"]["title"].value() == "AB"

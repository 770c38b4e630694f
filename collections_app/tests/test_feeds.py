"""Collections and links on Stream's feeds, through the real client."""

import pytest
from django.urls import reverse
from stream_django.client import stream_client

from accounts.services import delete_person, suspend, unsuspend
from collections_app import services
from collections_app.models import Collection, Content
from feeds.models import OutboxEntry

pytestmark = pytest.mark.django_db


def feed_of(group, target):
    return stream_client.feed(group, str(target.pk)).get()["results"]


@pytest.fixture
def published(ana, deliver):
    """Return a collection and a link in it, both on their feeds."""
    collection = services.create_collection(author=ana, name="Maps", description="Old.")
    link = services.add_link(collection=collection, url="https://a.org/", title="A map")
    deliver()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    return collection, link


def test_collection_and_link_are_on_feeds(ana, published):
    collection, link = published
    (created,) = feed_of("user", ana)
    (posted,) = feed_of("collection", collection)
    assert (created["verb"], created["name"]) == ("create", "Maps")
    assert (posted["verb"], posted["url"]) == ("post", "https://a.org/")
    assert feed_of("links", ana)[0]["id"] == posted["id"]
    for row, activity in ((collection, created), (link, posted)):
        row.refresh_from_db()
        assert row.stream_id == activity["id"]


def test_edits_keep_activity_ids(ana, published, deliver):
    collection, link = published
    before = feed_of("user", ana) + feed_of("collection", collection)
    services.update_collection(collection=collection, name="Charts", description="Old.")
    services.update_link(link=link, url="https://b.org/", title="A chart", description="")
    deliver()
    after = feed_of("user", ana) + feed_of("collection", collection)
    assert [activity["id"] for activity in after] == [activity["id"] for activity in before]
    assert after[0]["name"] == "Charts"
    assert after[1]["title"] == "A chart"


def test_hide_and_restore_feeds_unchanged(ana, published, moderator, deliver):
    collection, link = published
    feeds = [("user", ana), ("collection", collection), ("links", ana)]
    before = [[activity["id"] for activity in feed_of(*feed)] for feed in feeds]
    services.hide(target=collection, by=moderator, reason="Spam.")
    deliver()
    assert [feed_of(*feed) for feed in feeds] == [[], [], []]
    services.restore(target=collection, by=moderator, reason="Sorry.")
    deliver()
    assert [[activity["id"] for activity in feed_of(*feed)] for feed in feeds] == before
    services.hide(target=link, by=moderator, reason="Spam.")
    deliver()
    assert feed_of("collection", collection) == []
    assert len(feed_of("user", ana)) == 1
    services.restore(target=link, by=moderator, reason="Sorry.")
    deliver()
    assert [[activity["id"] for activity in feed_of(*feed)] for feed in feeds] == before


def test_hidden_rows_are_not_published_when_saved(published, moderator, deliver, ana):
    collection, _link = published
    services.hide(target=collection, by=moderator, reason="Spam.")
    services.update_collection(collection=collection, name="Sneaky", description="Old.")
    services.add_link(collection=collection, url="https://c.org/", title="Sneaky")
    deliver()
    assert feed_of("user", ana) == feed_of("collection", collection) == []


def test_suspension_empties_feeds_until_its_end(ana, published, moderator, deliver):
    collection, _link = published
    before = feed_of("user", ana) + feed_of("collection", collection)
    suspend(person=ana, by=moderator, reason="Spam.")
    deliver()
    assert feed_of("user", ana) + feed_of("collection", collection) == []
    unsuspend(person=ana, by=moderator, reason="Sorry.")
    deliver()
    after = feed_of("user", ana) + feed_of("collection", collection)
    assert [activity["id"] for activity in after] == [activity["id"] for activity in before]


@pytest.mark.parametrize("delete", [lambda ana: Collection.objects.get().delete(), delete_person])
def test_deleted_rows_leave_every_feed(ana, published, deliver, delete):
    collection, _link = published
    feeds = [("user", str(ana.pk)), ("links", str(ana.pk)), ("collection", str(collection.pk))]
    delete(ana)
    deliver()
    for group, feed_id in feeds:
        assert stream_client.feed(group, feed_id).get()["results"] == []
    assert not Content.objects.exists()


def test_the_activity_tab_shows_the_feed(client, published):
    collection, _link = published
    page = client.get(reverse("collections:activity", args=[collection.pk]))
    assert page.status_code == 200
    assert "A map" in page.text
    assert "Maps" in page.text


def test_activity_tab_of_empty_collection(client, collection, deliver):
    deliver()
    page = client.get(reverse("collections:activity", args=[collection.pk]))
    assert "What is added to this collection will be here." in page.text


def test_activity_tab_of_unknown_collection_is_404(client, db):
    assert client.get(reverse("collections:activity", args=[999])).status_code == 404


def test_posted_link_is_on_feed_at_once(client, ana, collection, commit, settings):
    settings.FEEDS_DELIVERY = "inline"
    client.force_login(ana)
    with commit():
        client.post(
            reverse("collections:add_link"),
            {"collection": collection.pk, "url": "https://www.python.org/", "title": "Python"},
        )
    (activity,) = feed_of("collection", collection)
    assert activity["title"] == "Python"

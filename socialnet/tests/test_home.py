"""The home page of a signed-in user: timeline and suggestions."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UnconfirmedUserFactory, UserFactory
from collections_app.services import add_link
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feedserver.models import ActivityGroup
from follows.models import CollectionFollow, Follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return UserFactory(username="ana", name="Ana Lopes")


@pytest.fixture
def ben():
    return UserFactory(username="ben", name="Ben Okafor")


def text(page):
    """Return the text of the first list of a page."""
    shown = page.content.decode().split("data-feed-list>")[1].split("<template")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


def groups(page):
    return page.context["feed"].items


def test_timeline_shows_groups(signed_in, ana, ben, deliver):
    collection = CollectionFactory(author=ana, name="Typography")
    ContentFactory.create_batch(4, collection=collection)
    Follow.objects.follow(ben, ana)
    deliver()
    page = signed_in(ben).get("/")
    assert "Ana Lopes added 4 links to Typography" in text(page)
    assert [group.verb for group in groups(page)] == ["post", "create"]


def test_group_shows_two_of_eight_links(signed_in, ana, deliver):
    collection = CollectionFactory(author=ana, name="Typography")
    ContentFactory.create_batch(8, collection=collection)
    deliver()
    page = signed_in(ana).get("/")
    group = groups(page)[0]
    assert (len(group.shown), len(group.hidden), group.more_count) == (2, 3, 3)
    assert "3 more" in text(page)
    assert f'href="/collections/{collection.pk}/"' in page.content.decode()


def test_empty_timeline_suggests_exploring(signed_in, ben, deliver):
    deliver()
    page = signed_in(ben).get("/").content.decode()
    assert "What the people and collections that you follow add will be here." in page
    assert "Find collections to follow" in page


def test_line_marks_last_visit(signed_in, ana, ben, deliver):
    now = timezone.now()
    collections = CollectionFactory.create_batch(3, author=ana)
    for collection, days in zip(collections, (5, 3, 0), strict=True):
        add_link(
            collection=collection,
            url="https://example.org/",
            title=f"{days} days ago",
            created_at=now - timedelta(days=days, minutes=1),
        )
        CollectionFollow.objects.follow(ben, collection)
    deliver()
    left = now - timedelta(days=4)
    type(ben).objects.filter(pk=ben.pk).update(last_seen=left)
    shown = text(signed_in(ben).get("/"))
    places = [shown.index(words) for words in ("0 days", "3 days", "New since", "5 days")]
    assert places == sorted(places)
    assert shown.count("New since") == 1
    assert f"New since {left:%A}, {left.day} {left:%B %Y, %H:%M}" in shown


@pytest.mark.parametrize("days", [9, 0])
def test_no_line_if_all_or_none_new(signed_in, ana, ben, deliver, days):
    add_link(
        collection=CollectionFactory(author=ana),
        url="https://example.org/",
        title="A link",
        created_at=timezone.now() - timedelta(days=5),
    )
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, ana.collections.get())
    Follow.objects.unfollow(ben, ana)
    deliver()
    left = timezone.now() - timedelta(days=days, hours=1)
    type(ben).objects.filter(pk=ben.pk).update(last_seen=left)
    assert "New since" not in text(signed_in(ben).get("/"))


def fill(person, number):
    """Add `number` links by others to collections that `person` follows."""
    for _ in range(number):
        link = ContentFactory()
        CollectionFollow.objects.follow(person, link.collection)


def test_older_pages_have_each_group_once(signed_in, ben, deliver, settings):
    settings.FEED_GROUPS_PAGE_SIZE = 3
    fill(ben, 7)
    deliver()
    client, found, address = signed_in(ben), [], "/"
    while address:
        page = client.get(address)
        assert page.status_code == 200
        found += [group.id for group in groups(page)]
        older = page.context["feed"].older
        address = f"/?before={older}" if older else ""
        assert ("Older" in page.content.decode()) is bool(older)
    assert len(found) == len(set(found)) == 7


@pytest.mark.slow
def test_paging_while_groups_move(signed_in, ben, deliver, settings):
    fill(ben, 60)
    deliver()
    client = signed_in(ben)
    page = client.get("/")
    newest, found = page.context["feed"].newest, [group.group for group in groups(page)]
    followed = [row.collection for row in CollectionFollow.objects.explicit().order_by("id")]
    while older := page.context["feed"].older:
        for collection in followed[:3]:
            ContentFactory(collection=collection)
        followed = followed[3:]
        deliver()
        page = client.get("/", {"before": older})
        found += [group.group for group in groups(page)]
    assert len(found) == len(set(found))
    head = names_of_newer_groups(client, page.context["feed"], newest)
    assert {*found, *head} == names_of_groups(ben)
    assert len(names_of_groups(ben)) == 60


def names_of_newer_groups(client, feed, newest):
    """Return the names of all groups newer than `newest`, with the request of `news.js`."""
    answer = client.get(
        feed.url,
        {"api_key": feed.api_key, "id_gt": newest, "limit": 100},
        headers={"authorization": feed.token, "stream-auth-type": "jwt"},
    )
    assert answer.status_code == 200
    return {group["group"] for group in answer.json()["results"]}


def names_of_groups(person):
    rows = ActivityGroup.objects.filter(feed__slug="timeline", feed__user_id=str(person.pk))
    return set(rows.values_list("name", flat=True))


@pytest.mark.parametrize("before", ["x", "1", "'", "\x00", "0" * 40])
def test_invalid_page_is_not_found(signed_in, ben, before):
    assert signed_in(ben).get("/", {"before": before}).status_code == 404


def test_unreachable_stream_is_no_error(signed_in, ben, broken_stream):
    page = signed_in(ben).get("/")
    assert page.status_code == 200
    assert "The feed cannot be read just now." in page.content.decode()


def test_suggestions_on_first_page_only(signed_in, ben, deliver, settings):
    settings.FEED_GROUPS_PAGE_SIZE = 1
    fill(ben, 3)
    deliver()
    client = signed_in(ben)
    page = client.get("/")
    assert "People to follow" in page.content.decode()
    older = client.get("/", {"before": page.context["feed"].older})
    assert "People to follow" not in older.content.decode()


def test_no_suggestions_without_permission(signed_in):
    ContentFactory()
    page = signed_in(UnconfirmedUserFactory()).get("/")
    assert page.status_code == 200
    assert "People to follow" not in page.content.decode()


def test_user_text_is_escaped(signed_in, ben, ana, deliver):
    collection = CollectionFactory(author=ana, name="<b>Bold</b>")
    ContentFactory(collection=collection, title="<script>alert(1)</script>")
    Follow.objects.follow(ben, ana)
    deliver()
    page = signed_in(ben).get("/").content.decode()
    assert "<script>alert" not in page
    assert "<b>Bold" not in page


def test_queries_are_constant(signed_in, ben, deliver, queries_of):
    client = signed_in(ben)
    fill(ben, 1)
    deliver()
    one = queries_of(client, "/")
    fill(ben, 12)
    deliver()
    assert queries_of(client, "/") == one <= 16

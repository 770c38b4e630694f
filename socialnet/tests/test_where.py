import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block
from accounts.tests.factories import UserFactory
from collections_app.models import Content
from collections_app.tests.factories import ContentFactory
from follows.models import CollectionFollow, Follow

URL = "https://www.python.org/"


@pytest.fixture
def ana(db):
    return UserFactory(username="ana")


@pytest.fixture
def other_link():
    return ContentFactory(url=URL, collection__name="Languages")


def get_collections(client, url=URL):
    return client.get(reverse("where_is_link"), {"url": url}).json()


def test_own_collection_with_any_spelling(signed_in, ana):
    link = ContentFactory(url=URL, collection__author=ana, collection__name="Mine")
    (found,) = get_collections(signed_in(ana), "HTTPS://WWW.PYTHON.ORG:443")["mine"]
    assert (found["name"], found["address"]) == ("Mine", link.get_absolute_url())


def test_followed_collections_and_people(signed_in, ana, other_link):
    client = signed_in(ana)
    assert get_collections(client)["followed"] == []
    CollectionFollow.objects.follow(ana, other_link.collection)
    (found,) = get_collections(client)["followed"]
    assert found["address"] == f"/collections/add/?from={other_link.pk}"
    CollectionFollow.objects.all().delete()
    Follow.objects.follow(ana, other_link.author)
    assert len(get_collections(client)["followed"]) == 1


def test_hidden_and_blocked_are_left_out(signed_in, ana, other_link):
    Follow.objects.follow(ana, other_link.author)
    Content.objects.update(hidden_at=timezone.now())
    assert get_collections(signed_in(ana))["followed"] == []
    Content.objects.update(hidden_at=None)
    Block.objects.create(blocker=other_link.author, blocked=ana)
    assert get_collections(signed_in(ana))["followed"] == []


@pytest.mark.parametrize("url", ["", "x", "https://[", "\x00", "a" * 5000])
def test_invalid_url_has_no_results(signed_in, ana, url):
    assert get_collections(signed_in(ana), url) == {"mine": [], "followed": []}

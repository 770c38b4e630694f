"""Where a link is already."""

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
def others():
    return ContentFactory(url=URL, collection__name="Languages")


def ask(client, url=URL):
    return client.get(reverse("where_is_link"), {"url": url}).json()


def test_ones_own_collection_is_said_however_the_address_is_spelt(signed_in, ana):
    link = ContentFactory(url=URL, collection__author=ana, collection__name="Mine")
    (found,) = ask(signed_in(ana), "HTTPS://WWW.PYTHON.ORG:443")["mine"]
    assert (found["name"], found["address"]) == ("Mine", link.get_absolute_url())


def test_collections_and_people_one_follows_are_said(signed_in, ana, others):
    client = signed_in(ana)
    assert ask(client)["followed"] == []
    CollectionFollow.objects.follow(ana, others.collection)
    (found,) = ask(client)["followed"]
    assert found["address"] == f"/collections/add/?from={others.pk}"
    CollectionFollow.objects.all().delete()
    Follow.objects.follow(ana, others.author)
    assert len(ask(client)["followed"]) == 1


def test_nothing_hidden_or_of_somebody_blocked_is_said(signed_in, ana, others):
    Follow.objects.follow(ana, others.author)
    Content.objects.update(hidden_at=timezone.now())
    assert ask(signed_in(ana))["followed"] == []
    Content.objects.update(hidden_at=None)
    Block.objects.create(blocker=others.author, blocked=ana)
    assert ask(signed_in(ana))["followed"] == []


@pytest.mark.parametrize("url", ["", "x", "https://[", "\x00", "a" * 5000])
def test_what_is_no_link_is_nowhere(signed_in, ana, url):
    assert ask(signed_in(ana), url) == {"mine": [], "followed": []}

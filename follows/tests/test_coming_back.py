"""Content that staff hide and restore, which notifies nobody again."""

from functools import partial

import pytest
from stream_django.client import stream_client

from accounts import services
from accounts.tests.factories import UserFactory
from collections_app.models import Collection
from collections_app.services import add_link, create_collection, hide, restore
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(ana, ben, moderator, deliver):
    """Ana has a collection that Ben and a third person follow; she and Ben follow each other."""
    third = UserFactory()
    for follower, followed in ((ben, ana), (ana, ben), (third, ana), (ben, third)):
        Follow.objects.follow(follower, followed)
    collection = make(ana, "Typography")
    for follower in (ben, third):
        CollectionFollow.objects.follow(follower, collection)
    deliver()
    return [ana, ben, third, moderator]


def make(author, name):
    collection = create_collection(author=author, name=name, description="Letters.")
    for page in ("serifs", "kerning"):
        add_link(collection=collection, url=f"https://example.org/{page}", title=page)
    return collection


def inbox(person, **marks):
    return stream_client.feed("notification", str(person.pk)).get(limit=100, **marks)


def counts(people):
    return [(answer["unseen"], answer["unread"]) for answer in map(inbox, people)]


def held(people):
    """Return the ids of all activities on the feeds of `people`."""
    return {
        (slug, person.pk, activity["id"])
        for slug in ("notification", "timeline")
        for person in people
        for group in stream_client.feed(slug, str(person.pk)).get(limit=100)["results"]
        for activity in group["activities"]
    }


def actions_on(kind, ana, moderator):
    """Return how something is taken away, and how it is brought back."""
    by = {"by": moderator, "reason": "A test."}
    if kind == "collection":
        target = Collection.objects.get()
        return partial(hide, target=target, **by), partial(restore, target=target, **by)
    return (partial(call, person=ana, **by) for call in (services.suspend, services.unsuspend))


@pytest.mark.parametrize("kind", ["collection", "person"])
def test_what_comes_back_counts_for_nobody(kind, people, ana, moderator, deliver):
    before = held(people)
    assert all(unseen for unseen, _unread in counts(people[:2]))
    for person in people:
        inbox(person, mark_seen=True, mark_read=True)
    take_away, bring_back = actions_on(kind, ana, moderator)
    take_away()
    deliver()
    assert len(held(people)) < len(before)
    bring_back()
    deliver()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    assert held(people) == before
    assert counts(people) == [(0, 0)] * 4


@pytest.mark.parametrize("kind", ["collection", "person"])
def test_unseen_count_stays_equal(kind, people, ana, moderator, deliver):
    before = counts(people)
    for call in actions_on(kind, ana, moderator):
        call()
        deliver()
        moved = zip(counts(people), before, strict=True)
        assert all(now <= then for pair in moved for now, then in zip(*pair, strict=True))


@pytest.mark.parametrize("kind", ["collection", "person"])
def test_undelivered_activity_returns_as_new(kind, people, ana, ben, moderator, deliver):
    take_away, bring_back = actions_on(kind, ana, moderator)
    take_away()
    deliver()
    inbox(ben, mark_seen=True, mark_read=True)
    bring_back()
    make(ana, "Kerning")  # waits in the outbox behind what comes back
    assert counts([ben]) == [(0, 0)]
    deliver()
    assert counts([ben]) == [(1, 1)]


def test_hidden_before_delivery_is_new_later(people, ana, ben, moderator, deliver):
    inbox(ben, mark_seen=True)
    by = {"by": moderator, "reason": "A test."}
    collection = make(ana, "Kerning")
    hide(target=collection, **by)
    deliver()
    assert inbox(ben)["unseen"] == 0
    restore(target=collection, **by)
    deliver()
    assert inbox(ben)["unseen"] == 1


def test_following_anew_is_news(people, ana, ben, deliver):
    inbox(ana, mark_seen=True, mark_read=True)
    Follow.objects.unfollow(ben, ana)
    deliver()
    Follow.objects.follow(ben, ana)
    deliver()
    assert counts([ana]) == [(1, 1)]

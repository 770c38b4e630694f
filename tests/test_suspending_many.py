"""Suspending many people in one action removes them from all feeds; lifting restores them."""

import pytest
from django.urls import reverse

from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app.services import add_link, create_collection
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow
from follows.tests.test_coming_back import counts, held, inbox

pytestmark = pytest.mark.django_db


def spammer(followers, links):
    person = UserFactory()
    for follower in followers:  # before the content, so that it notifies them
        Follow.objects.follow(follower, person)
    collection = create_collection(author=person, name="Offers", description="Buy.")
    for number in range(links):
        add_link(collection=collection, url=f"https://example.org/{number}", title="Buy")
    CollectionFollow.objects.follow(followers[0], collection)
    Follow.objects.follow(person, followers[0])
    return person


@pytest.fixture
def followers():
    return UserFactory.create_batch(3)


@pytest.fixture
def post_action(signed_in):
    """Return a function that posts an action on many people from the admin's change list."""
    client = signed_in(ModeratorFactory())

    def post(name, people):
        data = {
            "action": name,
            "_selected_action": [person.pk for person in people],
            "confirmed": "1",
            "reason": "Spam.",
        }
        OutboxEntry.objects.all().delete()
        assert client.post(reverse("admin:accounts_user_changelist"), data).status_code == 302
        return OutboxEntry.objects.count()

    return post


@pytest.mark.slow
def test_feeds_are_restored(followers, post_action, deliver):
    deliver()
    without = held(followers)
    people = [spammer(followers, links=3) for _ in range(4)]
    deliver()
    before = held(followers)
    assert len(before) > len(without) + 12
    for person in followers:
        inbox(person, mark_seen=True, mark_read=True)
    for name, expected in (("suspend", without), ("lift", before)):
        post_action(name, people)
        deliver()
        assert not OutboxEntry.objects.exclude(state="delivered").exists()
        assert held(followers) == expected
        assert counts(followers) == [(0, 0)] * 3


@pytest.mark.slow
def test_entries_do_not_grow_with_links(followers, post_action, deliver):
    few, many = (spammer(followers, links=links) for links in (1, 30))
    deliver()
    assert post_action("suspend", [few]) == post_action("suspend", [many]) <= 5


@pytest.mark.slow
def test_lift_before_delivery_restores_all(followers, post_action, deliver):
    people = [spammer(followers, links=3) for _ in range(2)]
    deliver()
    before = held(followers)
    post_action("suspend", people)
    waiting = list(OutboxEntry.objects.order_by("id"))
    post_action("lift", people)
    OutboxEntry.objects.bulk_create(waiting)
    deliver()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    assert held(followers) == before

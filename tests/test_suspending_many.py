"""Many suspended by one act of staff are gone from every feed, and lifted by one are all back."""

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
    for follower in followers:  # first: of what was made before nobody is told
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
def act(signed_in):
    """Return the function that posts an act on many people as a moderator does from the list."""
    client = signed_in(ModeratorFactory())

    def post(name, people):
        answers = {
            "action": name,
            "_selected_action": [person.pk for person in people],
            "confirmed": "1",
            "reason": "Spam.",
        }
        OutboxEntry.objects.all().delete()
        assert client.post(reverse("admin:accounts_user_changelist"), answers).status_code == 302
        return OutboxEntry.objects.count()

    return post


def test_they_are_gone_from_all_feeds_and_come_back_the_same(followers, act, deliver):
    deliver()
    without = held(followers)
    people = [spammer(followers, links=3) for _ in range(4)]
    deliver()
    before = held(followers)
    assert len(before) > len(without) + 12
    for person in followers:
        inbox(person, mark_seen=True, mark_read=True)
    for name, expected in (("suspend", without), ("lift", before)):
        act(name, people)
        deliver()
        assert not OutboxEntry.objects.exclude(state="delivered").exists()
        assert held(followers) == expected
        assert counts(followers) == [(0, 0)] * 3


@pytest.mark.slow
def test_what_is_suspended_takes_as_few_entries_with_many_links_as_with_few(
    followers, act, deliver
):
    few, many = (spammer(followers, links=links) for links in (1, 30))
    deliver()
    assert act("suspend", [few]) == act("suspend", [many]) <= 5


def test_whoever_is_lifted_before_all_is_gone_is_back_whole(followers, act, deliver):
    people = [spammer(followers, links=3) for _ in range(2)]
    deliver()
    before = held(followers)
    act("suspend", people)
    waiting = list(OutboxEntry.objects.order_by("id"))
    act("lift", people)
    OutboxEntry.objects.bulk_create(waiting)
    deliver()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    assert held(followers) == before

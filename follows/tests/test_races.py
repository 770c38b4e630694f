"""Many who press at once: whatever comes last, table, counts and feeds agree."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from stream_django.client import stream_client

from accounts import services
from accounts.models import Block
from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app.models import Collection
from collections_app.services import add_link, create_collection, delete_collection
from feeds.delivery import deliver_pending
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow
from tests.threads import run_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("with_feeds")]

THREADS = 50


def feeds_followed(person, slug="timeline"):
    rows = stream_client.feed(slug, str(person.pk)).following(limit=100)["results"]
    return {row["target_id"] for row in rows}


def check_agreement(follower, author, collection):
    """Assert that counts and feeds say what the two tables say."""
    deliver_pending()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    person = Follow.objects.by_hand().filter(follower=follower, followed=author).count()
    owned = CollectionFollow.objects.by_hand().filter(follower=follower).count()
    assert {person, owned} <= {0, 1}
    author.refresh_from_db()
    collection.refresh_from_db()
    assert (author.follower_count, collection.follower_count) == (person, owned)
    expected = {f"user:{follower.pk}", f"links:{follower.pk}"}
    expected |= {f"user:{author.pk}", f"links:{author.pk}"} if person else set()
    expected |= {f"collection:{collection.pk}"} if owned else set()
    assert feeds_followed(follower) == expected
    told = stream_client.feed("notification", str(author.pk)).get(limit=100)["results"]
    verbs = sorted(group["verb"] for group in told if group["verb"] != "create")
    assert verbs == ["follow"] * person + ["follow_collection"] * owned
    home = stream_client.feed("timeline", str(follower.pk)).get(limit=100)["results"]
    verbs = sorted(group["verb"] for group in home)
    assert verbs == ["create"] * person + ["post"] * bool(person or owned)


@pytest.mark.parametrize("kind", ["person", "collection"])
def test_fifty_who_follow_and_unfollow_the_same_leave_one_row_or_none(kind):
    author, follower = UserFactory(), UserFactory()
    collection = create_collection(author=author, name="Typography", description="Letters.")
    add_link(collection=collection, url="https://example.org/", title="A link")
    names = {
        "person": ("follows:follow", "follows:unfollow", author.username),
        "collection": (
            "follows:follow_collection",
            "follows:unfollow_collection",
            collection.pk,
        ),
    }
    follow, unfollow, argument = names[kind]
    addresses = [reverse(name, args=[argument]) for name in (follow, unfollow)]
    clients = [Client() for _ in range(THREADS)]
    for client in clients:
        client.force_login(follower)
    answers = run_at_once(
        [
            partial(client.post, addresses[number % 2], headers={"accept": "application/json"})
            for number, client in enumerate(clients)
        ]
    )
    assert {answer.status_code for answer in answers} == {200}
    check_agreement(follower, author, collection)


def test_a_block_among_many_follows_leaves_none():
    author, follower = UserFactory(), UserFactory()
    collection = create_collection(author=author, name="Typography", description="Letters.")
    follows = [
        partial(Follow.objects.follow, follower, author),
        partial(CollectionFollow.objects.follow, follower, collection),
    ]
    block = partial(services.block, blocker=author, blocked=follower)
    run_at_once([*follows * 4, block], expected=(PermissionDenied,))
    assert Block.objects.between(author, follower).exists()
    assert not Follow.objects.by_hand().exists()
    assert not CollectionFollow.objects.by_hand().exists()
    check_agreement(follower, author, collection)


def test_a_block_among_many_follows_from_the_pages_leaves_none():
    author, follower = UserFactory(), UserFactory()
    collection = create_collection(author=author, name="Typography", description="Letters.")
    follows = [
        reverse("follows:follow", args=[author.username]),
        reverse("follows:follow_collection", args=[collection.pk]),
    ]
    block = reverse("accounts:block", args=[follower.username])
    acts = [(follower, address) for address in follows * 6] + [(author, block)] * 2
    answers = run_at_once([partial(post_as(person), address) for person, address in acts])
    assert {answer.status_code for answer in answers[:-2]} <= {302, 403}
    assert [answer.status_code for answer in answers[-2:]] == [302, 302]
    assert Block.objects.filter(blocker=author, blocked=follower).count() == 1
    check_agreement(follower, author, collection)
    assert not Follow.objects.by_hand().exists()
    assert not CollectionFollow.objects.by_hand().exists()


def test_two_who_block_and_unblock_each_other_while_they_follow_agree_in_the_end():
    people = [UserFactory(), UserFactory()]
    names = ["accounts:block", "accounts:unblock", "follows:follow", "follows:unfollow"]
    acts = [
        partial(post_as(person), reverse(name, args=[other.username]))
        for name in names * 2
        for person, other in (people, people[::-1])
    ]
    answers = run_at_once(acts)
    assert {answer.status_code for answer in answers} <= {302, 403}
    if Block.objects.exists():
        assert not Follow.objects.by_hand().exists()
    for author, follower in (people, people[::-1]):
        rows = Follow.objects.by_hand().filter(follower=follower, followed=author)
        author.refresh_from_db()
        assert author.follower_count == rows.count()


def test_blocking_who_leaves_at_the_same_time_is_no_error():
    author, people = UserFactory(), UserFactory.create_batch(3)
    blocks = [
        partial(post_as(author), reverse("accounts:block", args=[person.username]))
        for person in people
    ]
    leave = [partial(services.delete_person, person) for person in people]
    answers = run_at_once(blocks + leave)
    assert {answer.status_code for answer in answers[:3]} <= {302, 404}
    assert not Block.objects.exists()


def post_as(person):
    """Return the function that posts as `person`, in a browser of their own."""
    client = Client()
    client.force_login(person)
    return client.post


def test_following_what_is_deleted_at_the_same_time_leaves_nothing():
    author, follower = UserFactory(), UserFactory()
    collection = create_collection(author=author, name="Typography", description="Letters.")
    follow = partial(CollectionFollow.objects.follow, follower, collection)
    delete = partial(delete_collection, collection=collection)
    run_at_once([follow, delete, follow], expected=(Collection.DoesNotExist,))
    deliver_pending()
    assert not CollectionFollow.objects.exists()
    assert feeds_followed(follower) == {f"user:{follower.pk}", f"links:{follower.pk}"}
    told = stream_client.feed("notification", str(author.pk)).get()["results"]
    assert [group["verb"] for group in told] == []


def test_following_who_leaves_at_the_same_time_leaves_nothing():
    author, follower = UserFactory(), UserFactory()
    follow = partial(Follow.objects.follow, follower, author)
    delete = partial(services.delete_person, author)
    run_at_once([follow, delete, follow], expected=(type(author).DoesNotExist,))
    deliver_pending()
    assert not Follow.objects.by_hand().exists()
    assert feeds_followed(follower) == {f"user:{follower.pk}", f"links:{follower.pk}"}


def test_suspending_and_following_each_other_at_once_ends_in_counts_that_are_right():
    people, moderator = UserFactory.create_batch(4), ModeratorFactory()
    pairs = [(one, other) for one in people for other in people if one != other]
    for pair in pairs:
        Follow.objects.follow(*pair)
    acts = [
        partial(act, person=person, by=moderator, reason="A test.")
        for person in people
        for act in (services.suspend, services.lift)
    ]
    acts += [partial(act, *pair) for pair in pairs for act in (Follow.objects.unfollow, follow)]
    run_at_once(acts, expected=(PermissionDenied,))
    for person in people:
        services.lift(person=person, by=moderator, reason="A test.")
        person.refresh_from_db()
    for person in people:
        rows = Follow.objects.by_visible_people().filter(followed=person)
        person.refresh_from_db()
        assert person.follower_count == rows.count()


def follow(follower, followed):
    return Follow.objects.follow(follower, followed)


def test_unfollowing_what_is_deleted_at_the_same_time_is_no_error():
    author, followers = UserFactory(), UserFactory.create_batch(4)
    collection = create_collection(author=author, name="Typography", description="Letters.")
    for person in followers:
        CollectionFollow.objects.follow(person, collection)
    acts = [partial(CollectionFollow.objects.unfollow, row, collection) for row in followers]
    run_at_once([*acts, partial(delete_collection, collection=collection)])
    assert not CollectionFollow.objects.exists()
    deliver_pending()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_two_who_follow_each_other_at_once_both_succeed():
    people = [UserFactory() for _ in range(2)]
    acts = [partial(Follow.objects.follow, *pair) for pair in (people, people[::-1])]
    assert run_at_once(acts * 4).count(True) == 2
    assert Follow.objects.by_hand().count() == 2

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
from feeds.models import OutboxEntry
from feeds.outbox.delivery import deliver_pending
from follows.models import CollectionFollow, Follow
from tests.threads import run_at_once

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("with_feeds"),
]

THREADS = 50


def feeds_followed(person, slug="timeline"):
    rows = stream_client.feed(slug, str(person.pk)).following(limit=100)["results"]
    return {row["target_id"] for row in rows}


def check_agreement(follower, author, collection):
    """Assert that counts and feeds match the two tables."""
    deliver_pending()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    person = Follow.objects.explicit().filter(follower=follower, followed=author).count()
    owned = CollectionFollow.objects.explicit().filter(follower=follower).count()
    assert {person, owned} <= {0, 1}
    author.refresh_from_db()
    collection.refresh_from_db()
    assert (author.follower_count, collection.follower_count) == (person, owned)
    expected = {f"user:{follower.pk}", f"links:{follower.pk}"}
    expected |= {f"user:{author.pk}", f"links:{author.pk}"} if person else set()
    expected |= {f"collection:{collection.pk}"} if owned else set()
    assert feeds_followed(follower) == expected
    groups = stream_client.feed("notification", str(author.pk)).get(limit=100)["results"]
    verbs = sorted(group["verb"] for group in groups if group["verb"] != "create")
    assert verbs == ["follow"] * person + ["follow_collection"] * owned
    home = stream_client.feed("timeline", str(follower.pk)).get(limit=100)["results"]
    verbs = sorted(group["verb"] for group in home)
    assert verbs == ["create"] * person + ["post"] * bool(person or owned)


@pytest.mark.parametrize("kind", ["person", "collection"])
def test_concurrent_follow_and_unfollow(kind):
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
    assert not Follow.objects.explicit().exists()
    assert not CollectionFollow.objects.explicit().exists()
    check_agreement(follower, author, collection)


def test_block_during_follows_leaves_none():
    author, follower = UserFactory(), UserFactory()
    collection = create_collection(author=author, name="Typography", description="Letters.")
    follows = [
        reverse("follows:follow", args=[author.username]),
        reverse("follows:follow_collection", args=[collection.pk]),
    ]
    block = reverse("accounts:block", args=[follower.username])
    calls = [(follower, address) for address in follows * 6] + [(author, block)] * 2
    answers = run_at_once([partial(post_as(person), address) for person, address in calls])
    assert {answer.status_code for answer in answers[:-2]} <= {302, 403}
    assert [answer.status_code for answer in answers[-2:]] == [302, 302]
    assert Block.objects.filter(blocker=author, blocked=follower).count() == 1
    check_agreement(follower, author, collection)
    assert not Follow.objects.explicit().exists()
    assert not CollectionFollow.objects.explicit().exists()


def test_mutual_blocks_during_follows():
    people = [UserFactory(), UserFactory()]
    names = ["accounts:block", "accounts:unblock", "follows:follow", "follows:unfollow"]
    calls = [
        partial(post_as(person), reverse(name, args=[other.username]))
        for name in names * 2
        for person, other in (people, people[::-1])
    ]
    answers = run_at_once(calls)
    assert {answer.status_code for answer in answers} <= {302, 403}
    if Block.objects.exists():
        assert not Follow.objects.explicit().exists()
    for author, follower in (people, people[::-1]):
        rows = Follow.objects.explicit().filter(follower=follower, followed=author)
        author.refresh_from_db()
        assert author.follower_count == rows.count()


def test_block_during_account_deletion():
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


def test_follow_during_collection_deletion():
    author, follower = UserFactory(), UserFactory()
    collection = create_collection(author=author, name="Typography", description="Letters.")
    follow = partial(CollectionFollow.objects.follow, follower, collection)
    delete = partial(delete_collection, collection=collection)
    run_at_once([follow, delete, follow], expected=(Collection.DoesNotExist,))
    deliver_pending()
    assert not CollectionFollow.objects.exists()
    assert feeds_followed(follower) == {f"user:{follower.pk}", f"links:{follower.pk}"}
    groups = stream_client.feed("notification", str(author.pk)).get()["results"]
    assert [group["verb"] for group in groups] == []


def test_follow_during_account_deletion():
    author, follower = UserFactory(), UserFactory()
    follow = partial(Follow.objects.follow, follower, author)
    delete = partial(services.delete_person, author)
    run_at_once([follow, delete, follow], expected=(type(author).DoesNotExist,))
    deliver_pending()
    assert not Follow.objects.explicit().exists()
    assert feeds_followed(follower) == {f"user:{follower.pk}", f"links:{follower.pk}"}


def test_counts_after_concurrent_suspensions():
    people, moderator = UserFactory.create_batch(4), ModeratorFactory()
    pairs = [(one, other) for one in people for other in people if one != other]
    for pair in pairs:
        Follow.objects.follow(*pair)
    calls = [
        partial(call, person=person, by=moderator, reason="A test.")
        for person in people
        for call in (services.suspend, services.unsuspend)
    ]
    calls += [partial(call, *pair) for pair in pairs for call in (Follow.objects.unfollow, follow)]
    run_at_once(calls, expected=(PermissionDenied,))
    for person in people:
        services.unsuspend(person=person, by=moderator, reason="A test.")
        person.refresh_from_db()
    for person in people:
        rows = Follow.objects.by_visible_people().filter(followed=person)
        person.refresh_from_db()
        assert person.follower_count == rows.count()


def follow(follower, followed):
    return Follow.objects.follow(follower, followed)


def test_unfollow_during_deletion():
    author, followers = UserFactory(), UserFactory.create_batch(4)
    collection = create_collection(author=author, name="Typography", description="Letters.")
    for person in followers:
        CollectionFollow.objects.follow(person, collection)
    calls = [partial(CollectionFollow.objects.unfollow, row, collection) for row in followers]
    run_at_once([*calls, partial(delete_collection, collection=collection)])
    assert not CollectionFollow.objects.exists()
    deliver_pending()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_mutual_follows_both_succeed():
    people = [UserFactory() for _ in range(2)]
    calls = [partial(Follow.objects.follow, *pair) for pair in (people, people[::-1])]
    assert run_at_once(calls * 4).count(True) == 2
    assert Follow.objects.explicit().count() == 2

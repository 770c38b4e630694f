"""Follows on their way to Stream: in steps, again after a failure, and never twice."""

import pytest
from django.utils import timezone
from stream_django.client import stream_client

from accounts.tests.factories import UserFactory
from collections_app.services import delete_collection
from feeds.claims import claim
from feeds.delivery import deliver, deliver_pending
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow

pytestmark = pytest.mark.django_db


def followed_by(person, slug="timeline"):
    rows = stream_client.feed(slug, str(person.pk)).following(limit=100)["results"]
    return {row["target_id"] for row in rows}


def followers_of(collection):
    return stream_client.feed("collection", str(collection.pk)).followers(limit=100)["results"]


def test_follow_is_retried_until_delivered(ana, ben, deliver, broken_stream):
    Follow.objects.follow(ben, ana)
    deliver()
    assert OutboxEntry.objects.filter(state="pending", attempts=1).exists()
    broken_stream()
    OutboxEntry.objects.update(due_at=timezone.now())
    deliver()
    assert {f"user:{ana.pk}", f"links:{ana.pk}"} <= followed_by(ben)
    assert followed_by(ben, "notification") == {f"user:{ana.pk}", f"user:{ben.pk}"}


def test_delivery_twice_changes_nothing(ana, ben, collection, deliver, objects_of):
    Follow.objects.follow(ben, ana)
    deliver()
    before = objects_of(ben), objects_of(ana, "notification")
    OutboxEntry.objects.update(state="pending", delivered_at=None)
    deliver()
    assert (objects_of(ben), objects_of(ana, "notification")) == before


def test_many_unfollows_are_delivered_in_steps(collection, deliver):
    for person in UserFactory.create_batch(5):
        CollectionFollow.objects.follow(person, collection)
    deliver()
    delete_collection(collection=collection)
    entry = OutboxEntry.objects.get(operation="unfollow_many")
    assert len(entry.details["pairs"]) == 6  # the author's own is among them
    left = []
    while entry.state == "pending":
        deliver_step(entry.key)
        left.append(len(followers_of(collection)))
        entry.refresh_from_db()
    assert left == [4, 2, 0]
    assert (entry.state, entry.attempts) == ("delivered", 1)


def deliver_step(key):
    assert deliver(claim(1, keys={key}), step=2).tried == 1


def test_a_failure_between_two_steps_loses_nothing(collection, deliver, faulty_stream):
    for person in UserFactory.create_batch(5):
        CollectionFollow.objects.follow(person, collection)
    deliver()
    delete_collection(collection=collection)
    deliver_step(f"collection:{collection.pk}")
    mend = faulty_stream()
    deliver_pending()
    mend()
    assert len(followers_of(collection)) == 4
    OutboxEntry.objects.update(due_at=timezone.now())
    deliver_pending()
    assert followers_of(collection) == []
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_follow_removed_during_delivery(ana, ben, monkeypatch):
    """Deliver an unfollow under another key before its follow."""
    OutboxEntry.objects.all().delete()
    Follow.objects.follow(ben, ana)
    entry = OutboxEntry.objects.get(operation="follow")
    follow_many = stream_client.follow_many

    def unfollowed_meanwhile(*arguments):
        Follow.objects.explicit().filter(follower=ben).delete()
        OutboxEntry.objects.exclude(pk=entry.pk).delete()
        return follow_many(*arguments)

    monkeypatch.setattr(stream_client, "follow_many", unfollowed_meanwhile)
    deliver_pending()
    assert f"user:{ana.pk}" not in followed_by(ben)
    assert followed_by(ben, "notification") == set()

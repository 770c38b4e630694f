"""`check_feeds` on timelines and notifications: windows, history, and repair."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.doctor.aggregated import compare_aggregated
from feeds.feed_mapping import FeedName, subject_of
from feeds.managers import Message
from feeds.models import OutboxEntry
from feeds.outbox.entries import enqueue
from feeds.outbox.operations import perform
from feedserver.models import ActivityGroup, Feed, FeedEntry
from follows.models import CollectionFollow, Follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return UserFactory()


@pytest.fixture
def author():
    return UserFactory()


def differences(group, person):
    return [one.text for one in compare_aggregated(FeedName(group, person.pk))]


def held(group, person):
    """Return the foreign ids of what is shown on a feed."""
    results = stream_client.feed(group, str(person.pk)).get(limit=100)["results"]
    return [activity["foreign_id"] for result in results for activity in result["activities"]]


def queue_repair(feed, details, *, subject):
    enqueue([Message("mend_feed", subject, feed, details)])


def make_links(collection, number):
    begun = timezone.now() - timedelta(days=number)
    return [
        ContentFactory(collection=collection, created_at=begun + timedelta(days=position))
        for position in range(number)
    ]


@pytest.mark.slow
def test_activities_older_than_history_may_be_missing(reader, deliver):
    collection = CollectionFactory()
    links = make_links(collection, 115)
    CollectionFollow.objects.follow(reader, collection)
    deliver()
    assert differences("timeline", reader) == []
    feed = stream_client.feed("timeline", str(reader.pk))
    for link in (links[20], links[-1]):
        feed.remove_activity(foreign_id=link.activity_foreign_id)
    texts = differences("timeline", reader)
    assert len(texts) == 2
    assert all(text.endswith("is lacking") for text in texts)


@pytest.mark.slow
def test_older_unexpected_activity_is_found(reader, deliver):
    collection, other = CollectionFactory(), CollectionFactory()
    make_links(collection, 105)
    old = ContentFactory(collection=other, created_at=timezone.now() - timedelta(days=500))
    for one in (other, collection):
        CollectionFollow.objects.follow(reader, one)
    deliver()
    assert differences("timeline", reader) == []
    pair = {"source": f"timeline:{reader.pk}", "target": f"collection:{other.pk}"}
    stream_client.unfollow_many([{**pair, "keep_history": True}])
    CollectionFollow.objects.filter(collection=other).delete()
    deliver()
    stream_client.follow_many([pair], 100)
    assert any(text.startswith(old.activity_foreign_id) for text in differences("timeline", reader))


def test_older_activities_may_lack_in_notifications(reader, author, deliver):
    CollectionFactory(author=author)
    deliver()
    Follow.objects.follow(reader, author)
    deliver()
    assert held("notification", reader) == []
    assert differences("notification", reader) == []


def test_newer_activity_must_be_in_notifications(reader, author, deliver):
    Follow.objects.follow(reader, author)
    collection = CollectionFactory(author=author)
    deliver()
    feed = stream_client.feed("notification", str(reader.pk))
    feed.remove_activity(foreign_id=collection.activity_foreign_id)
    (text,) = differences("notification", reader)
    assert text.startswith(collection.activity_foreign_id)
    assert text.endswith("is lacking")


def test_late_follow_notifies_newer_activities(reader, author, deliver):
    old = CollectionFactory(author=author)
    Follow.objects.follow(reader, author)
    entries = OutboxEntry.objects.filter(operation="follow", subject__startswith="follows.Follow:")
    waiting = entries.latest("id")
    entries.filter(pk=waiting.pk).update(state="failed")
    new = CollectionFactory(author=author)
    deliver()
    entries.filter(pk=waiting.pk).update(state="pending")
    deliver()
    assert new.activity_foreign_id in held("notification", reader)
    assert old.activity_foreign_id not in held("notification", reader)


def test_explained_activity_is_not_removed(author, deliver):
    collection = CollectionFactory(author=author)
    deliver()
    collection.refresh_from_db()
    stray = [collection.stream_id, collection.activity_foreign_id]
    queue_repair(f"user:{author.pk}", {"remove": [stray]}, subject=author)
    deliver()
    assert held_directly(author) == [collection.activity_foreign_id]
    collection.hidden_at = timezone.now()
    collection.save()
    OutboxEntry.objects.all().delete()
    queue_repair(f"user:{author.pk}", {"remove": [stray]}, subject=author)
    deliver()
    assert held_directly(author) == []


def held_directly(person):
    results = stream_client.feed("user", str(person.pk)).get()["results"]
    return [activity["foreign_id"] for activity in results]


def test_expected_follow_is_not_ended(reader, author, deliver):
    Follow.objects.follow(reader, author)
    deliver()
    name, targets = f"timeline:{reader.pk}", [f"user:{author.pk}", "user:999"]
    stream_client.follow_many([{"source": name, "target": targets[1]}])
    queue_repair(name, {"unfollow": targets}, subject=reader)
    deliver()
    standing = stream_client.feed("timeline", str(reader.pk)).following(limit=100)["results"]
    followed = {row["target_id"] for row in standing}
    assert targets[0] in followed
    assert targets[1] not in followed


def notified(person):
    return [name for name in held("notification", person) if "Collection:" in name]


def test_late_follow_notifies_nothing_old(reader, author, deliver):
    make_collections(author, 5, timedelta(days=-9))
    deliver()
    Follow.objects.follow(reader, author)
    new = make_collections(author, 3, timedelta(seconds=1))
    deliver()
    names = [collection.activity_foreign_id for collection in new]
    assert sorted(notified(reader)) == sorted(names)


def test_late_follow_copies_delivered_activities_only(reader, author, deliver):
    make_collections(author, 5, timedelta(days=-9))
    Follow.objects.follow(reader, author)
    row = Follow.objects.get(follower=reader, followed=author)
    OutboxEntry.objects.filter(operation="follow", subject=subject_of(row)).delete()
    new = make_collections(author, 3, timedelta(seconds=1))
    OutboxEntry.objects.filter(subject=subject_of(new[1])).update(state="failed")
    feed_manager.followed([row])
    deliver()
    names = [new[place].activity_foreign_id for place in (0, 2)]
    assert sorted(notified(reader)) == sorted(names)


def make_collections(author, number, begin):
    begun = timezone.now() + begin
    return [
        CollectionFactory(author=author, created_at=begun + timedelta(minutes=position))
        for position in range(number)
    ]


@pytest.mark.parametrize("damage", ["origin", "group"])
def test_repair_keeps_direct_activities(damage, reader, author, deliver):
    Follow.objects.follow(reader, author)
    CollectionFollow.objects.follow(reader, CollectionFactory(author=author))
    deliver()
    entry = FeedEntry.objects.get(
        feed__slug="notification", feed__user_id=author.pk, activity__verb="follow"
    )
    others = {
        "origin": Feed.objects.filter(slug="follow"),
        "group": ActivityGroup.objects.filter(feed=entry.feed).exclude(pk=entry.group_id),
    }
    FeedEntry.objects.filter(pk=entry.pk).update(**{damage: others[damage].first()})
    assert differences("notification", author)
    call_command("check_feeds", repair=True, verbosity=0)
    deliver()
    assert entry.activity.foreign_id in held("notification", author)
    assert not [one for one in differences("notification", author) if "lacking" in one]


def test_clear_group_stops_at_deadline(reader, deliver):
    collection = CollectionFactory()
    make_links_of_a_day(collection, 3)
    CollectionFollow.objects.follow(reader, collection)
    deliver()
    name = f"timeline:{reader.pk}"
    groups = stream_client.feed("timeline", str(reader.pk)).get()["results"]
    (group,) = [one["group"] for one in groups if one["activity_count"] == 3]
    queue_repair(name, {"clear": [group]}, subject=reader)
    entry = OutboxEntry.objects.latest("id")
    for left in (2, 1, 0):
        assert perform([entry], seconds=0) is False
        assert len([one for one in held("timeline", reader) if "Content" in one]) == left
    assert perform([entry], seconds=0) is True


def test_repair_resumes_after_deadline(reader):
    queue_repair(f"timeline:{reader.pk}", {"unfollow": ["user:8", "user:9"]}, subject=reader)
    entry = OutboxEntry.objects.latest("id")
    assert perform([entry], seconds=0) is False
    assert entry.details["unfollow"] == ["user:9"]
    assert perform([entry], seconds=0) is True
    assert entry.details["unfollow"] == []


def test_unexpected_hidden_activity_is_removed(reader, deliver):
    collection = CollectionFactory()
    links = make_links_of_a_day(collection, 8)
    CollectionFollow.objects.follow(reader, collection)
    deliver()
    name = f"timeline:{reader.pk}"
    extra = {**links[0].create_activity(), "foreign_id": "no.Row:1"}
    del extra["to"]
    stream_client.add_to_many(extra, [name])
    (text,) = differences("timeline", reader)
    assert text.endswith("stands in a group of 9, which is wrong")
    call_command("check_feeds", repair=True, verbosity=0)
    deliver()
    assert differences("timeline", reader) == []
    (group,) = stream_client.feed("timeline", str(reader.pk)).get()["results"]
    assert group["activity_count"] == 8


def make_links_of_a_day(collection, number):
    noon = timezone.now().replace(hour=12)
    return [
        ContentFactory(collection=collection, created_at=noon + timedelta(minutes=position))
        for position in range(number)
    ]

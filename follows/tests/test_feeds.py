"""Effects of follows on timelines and notifications."""

from datetime import timedelta

import pytest
from django.utils import timezone
from stream_django.client import stream_client

from accounts import services
from accounts.tests.factories import UserFactory
from collections_app.models import Collection
from collections_app.services import create_collection, delete_collection, hide, restore
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow
from follows.tests.factories import CollectionFollowFactory, FollowFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]


@pytest.fixture
def links(collection):
    return ContentFactory.create_batch(3, collection=collection)


def entries(*operations):
    rows = OutboxEntry.objects.filter(operation__in=operations).order_by("pk")
    return list(rows.values_list("operation", "subject", "key"))


def test_follow_person_fills_timeline(ben, ana, links, deliver, groups_of):
    Follow.objects.follow(ben, ana)
    deliver()
    posted, created = groups_of(ben)
    assert (posted["verb"], posted["activity_count"]) == ("post", 3)
    assert posted["activities"][0]["object"] == f"SO:collections:{links[0].collection_id}"
    assert (created["verb"], created["activity_count"]) == ("create", 1)


def test_following_a_collection_brings_only_its_links_home(ben, ana, links, deliver, groups_of):
    ContentFactory(collection__author=ana)
    CollectionFollow.objects.follow(ben, links[0].collection)
    deliver()
    (group,) = groups_of(ben)
    assert (group["verb"], group["activity_count"]) == ("post", 3)


def test_ones_own_activities_are_home_too(ana, links, deliver, groups_of):
    deliver()
    assert [group["verb"] for group in groups_of(ana)] == ["post", "create"]


def test_activity_of_two_follows_appears_once(ben, ana, links, deliver, objects_of):
    collection = links[0].collection
    both = [f"collections_app.Content:{link.pk}" for link in links]
    made = f"collections_app.Collection:{collection.pk}"
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, collection)
    deliver()
    assert objects_of(ben) == sorted([made, *both])
    Follow.objects.unfollow(ben, ana)
    deliver()
    assert objects_of(ben) == sorted(both)
    CollectionFollow.objects.unfollow(ben, collection)
    deliver()
    assert objects_of(ben) == []


def test_followed_person_is_notified_until_unfollow(ben, ana, collection, deliver, objects_of):
    rows = [
        FollowFactory(follower=ben, followed=ana),
        CollectionFollowFactory(follower=ben, collection=collection),
    ]
    deliver()
    expected = sorted(f"{row._meta.label}:{row.pk}" for row in rows)
    assert [row for row in objects_of(ana, "notification") if "follows." in row] == expected
    Follow.objects.unfollow(ben, ana)
    CollectionFollow.objects.unfollow(ben, collection)
    deliver()
    assert [row for row in objects_of(ana, "notification") if "follows." in row] == []


def test_a_self_follow_is_nobodys_news(ana, collection, deliver, objects_of):
    deliver()
    assert not any("follows." in row for row in objects_of(ana, "notification"))


def test_only_new_collections_are_notified(ben, ana, deliver, groups_of):
    old = CollectionFactory.build_batch(500, author=ana)
    Collection.objects.bulk_create(old)
    feed = stream_client.feed("user", str(ana.pk))
    for start in range(0, 500, 100):
        feed.add_activities([row.create_activity() for row in old[start : start + 100]])
    Follow.objects.follow(ben, ana)
    deliver()
    assert groups_of(ben, "notification") == []
    assert sum(group["activity_count"] for group in groups_of(ben)) == 100
    create_collection(author=ana, name="The next", description="One more.")
    deliver()
    (group,) = groups_of(ben, "notification")
    assert (group["verb"], group["activity_count"], group["is_seen"]) == ("create", 1, False)


def test_following_again_raises_no_old_news_either(ben, ana, deliver, groups_of):
    Follow.objects.follow(ben, ana)
    deliver()
    create_collection(author=ana, name="The next", description="One more.")
    deliver()
    Follow.objects.unfollow(ben, ana)
    deliver()
    Follow.objects.follow(ben, ana)
    deliver()
    assert groups_of(ben, "notification") == []


def test_ones_own_collection_is_no_unseen_notification(ana, collection, deliver, groups_of):
    deliver()
    assert [group["is_seen"] for group in groups_of(ana, "notification")] == [True]


def test_follow_makes_two_outbox_entries(ben, ana):
    OutboxEntry.objects.all().delete()
    row = FollowFactory(follower=ben, followed=ana)
    subject = f"follows.Follow:{row.pk}"
    assert entries("follow", "add") == [
        ("follow", subject, f"user:{ana.pk}"),
        ("add", subject, f"follow:{ben.pk}"),
    ]


def test_follow_removed_before_delivery(ben, ana, deliver, objects_of):
    Follow.objects.follow(ben, ana)
    Follow.objects.unfollow(ben, ana)
    deliver()
    assert objects_of(ben) == objects_of(ana, "notification") == []


def test_delete_followed_collection_needs_few_entries(collection, deliver, objects_of):
    ContentFactory.create_batch(3, collection=collection)
    people = UserFactory.create_batch(12)
    for person in people:
        CollectionFollow.objects.follow(person, collection)
    deliver()
    OutboxEntry.objects.all().delete()
    delete_collection(collection=collection)
    assert len(entries("unfollow_many")) == 1
    assert OutboxEntry.objects.count() == 4
    deliver()
    assert [objects_of(person) for person in people] == [[]] * 12


def test_hidden_collection_keeps_followers(ben, links, moderator, deliver, objects_of):
    collection = links[0].collection
    CollectionFollow.objects.follow(ben, collection)
    deliver()
    hide(target=collection, by=moderator, reason="Advertisements.")
    deliver()
    assert objects_of(ben) == []
    restore(target=collection, by=moderator, reason="A mistake.")
    deliver()
    assert len(objects_of(ben)) == 3


def test_suspension_hides_and_restores_follows(ben, ana, moderator, deliver, objects_of):
    Follow.objects.follow(ben, ana)
    deliver()
    services.suspend(person=ben, by=moderator, reason="Advertisements.")
    deliver()
    assert objects_of(ana, "notification") == []
    services.unsuspend(person=ben, by=moderator, reason="A mistake.")
    deliver()
    assert len(objects_of(ana, "notification")) == 1


def test_a_deleted_person_is_on_nobodys_feeds(ben, ana, links, deliver, objects_of):
    for one, other in ((ben, ana), (ana, ben)):
        Follow.objects.follow(one, other)
    CollectionFollow.objects.follow(ben, links[0].collection)
    deliver()
    services.delete_person(ana)
    deliver()
    assert objects_of(ben) == objects_of(ben, "notification") == []


def test_follow_keeps_created_at(ben, ana, deliver, groups_of):
    moment = timezone.now() - timedelta(days=3)
    Follow.objects.follow(ben, ana, created_at=moment)
    deliver()
    (group,) = groups_of(ana, "notification")
    assert group["updated_at"].date() == moment.date()


def test_a_block_takes_both_off_each_others_feeds(ben, ana, links, deliver, objects_of):
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, links[0].collection)
    deliver()
    services.block(blocker=ana, blocked=ben)
    deliver()
    assert objects_of(ben) == []
    assert not any("follows." in row for row in objects_of(ana, "notification"))

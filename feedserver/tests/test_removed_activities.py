"""Removed activities that are added again are seen, in groups with `returning_seen`."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feedserver.models import RemovedActivity
from feedserver.tests.test_aggregated import at, check_counts, follow
from tests.threads import run_at_once


def counts(inbox, **options):
    response = inbox.get(**options)
    return response["unseen"], response["unread"]


@pytest.fixture
def reach(feed):
    """Return a function that makes a source feed, a notification feed, and fields with `to`."""

    def make(way, slug="returning"):
        user, inbox = feed(), feed(slug)
        if way == "followed":
            follow(inbox, user)
        return user, inbox, {"to": [inbox.id]} if way == "addressed" else {}

    return make


@pytest.mark.django_db
class TestComingBack:
    @pytest.mark.parametrize("by_foreign_id", [True, False])
    @pytest.mark.parametrize("way", ["followed", "addressed"])
    def test_returns_seen(self, reach, make, way, by_foreign_id):
        user, inbox, to = reach(way)
        sent = make(1, **at(1), **to)
        added = user.add_activity(sent)
        assert counts(inbox, mark_seen=True, mark_read=True) == (1, 1)
        if by_foreign_id:
            user.remove_activity(foreign_id="a:1")
        else:
            user.remove_activity(added["id"])
        assert inbox.get()["results"] == []
        assert user.add_activity(sent)["id"] == added["id"]
        assert counts(inbox) == (0, 0)
        assert inbox.get()["results"][0]["activities"][0]["id"] == added["id"]
        check_counts()

    def test_returns_unseen_without_option(self, reach, make):
        user, inbox, _to = reach("followed", "notification")
        for _ in range(2):
            user.add_activity(make(1, **at(1)))
            assert counts(inbox, mark_seen=True, mark_read=True) == (1, 1)
            user.remove_activity(foreign_id="a:1")

    def test_returns_seen_twice(self, reach, make):
        user, inbox, _to = reach("followed")
        user.add_activity(make(1, **at(1)))
        for _ in range(2):
            user.remove_activity(foreign_id="a:1")
            user.add_activity(make(1, **at(1)))
            assert counts(inbox) == (0, 0)

    def test_keeps_other_activities_unseen(self, reach, make):
        user, inbox, _to = reach("followed")
        user.add_activity(make(1, **at(1)))
        user.add_activity(make(2, **at(2)))
        user.remove_activity(foreign_id="a:1")
        user.add_activity(make(1, **at(1)))
        assert counts(inbox) == (1, 1)

    def test_keeps_new_activity_of_batch_unseen(self, reach, make):
        user, inbox, _to = reach("followed")
        user.add_activity(make(1, verb="like", **at(1)))
        user.remove_activity(foreign_id="a:1")
        user.add_activities(
            [make(1, verb="like", **at(1)), make(2, verb="post", **at(2))],
        )
        marks = {group["verb"]: group["is_seen"] for group in inbox.get()["results"]}
        assert marks == {"like": True, "post": False}

    def test_copied_on_follow_seen(self, feed, make):
        user, inbox = feed(), feed("returning")
        user.add_activity(make(1, verb="like", **at(1)))
        user.remove_activity(foreign_id="a:1")
        user.add_activity(make(1, verb="like", **at(1)))
        user.add_activity(make(2, verb="post", **at(2)))
        follow(inbox, user)
        marks = {group["verb"]: group["is_seen"] for group in inbox.get()["results"]}
        assert marks == {"like": True, "post": False}

    def test_other_time_is_unseen(self, reach, make):
        user, inbox, _to = reach("followed")
        user.add_activity(make(1, **at(1)))
        user.remove_activity(foreign_id="a:1")
        user.add_activity(make(1, **at(2, foreign_id="a:1")))
        assert counts(inbox) == (1, 1)


@pytest.mark.django_db
class TestTheTable:
    def test_holds_only_deleted_activities(self, reach, make):
        user, inbox, to = reach("addressed")
        added = user.add_activity(make(1, **at(1), **to))
        inbox.remove_activity(added["id"])
        assert not RemovedActivity.objects.exists()
        user.remove_activity(added["id"])
        assert RemovedActivity.objects.count() == 1

    def test_empty_without_option(self, feed, make, settings):
        settings.FEEDSERVER_GROUPS = {"user": {"type": "flat"}}
        user = feed()
        user.remove_activity(user.add_activity(make())["id"])
        assert not RemovedActivity.objects.exists()

    def test_expired_rows_deleted(self, feed, make, settings):
        settings.FEEDSERVER_REMEMBER_DAYS = 30
        user = feed()
        user.add_activities([make(minute, **at(minute)) for minute in range(3)])
        user.remove_activity(foreign_id="a:0")
        user.remove_activity(foreign_id="a:1")
        for row, days in zip(RemovedActivity.objects.order_by("id"), (31, 29), strict=True):
            moment = timezone.now() - timedelta(days=days)
            RemovedActivity.objects.filter(pk=row.pk).update(removed_at=moment)
        young = RemovedActivity.objects.latest("removed_at").pk
        user.remove_activity(foreign_id="a:2")
        kept = set(RemovedActivity.objects.values_list("pk", flat=True))
        assert len(kept) == 2
        assert young in kept

    def test_last_removal_time_kept(self, feed, make):
        user = feed()
        for _ in range(2):
            user.add_activity(make(1, **at(1)))
            user.remove_activity(foreign_id="a:1")
            (row,) = RemovedActivity.objects.all()
            assert row.removed_at > timezone.now() - timedelta(days=1)
            RemovedActivity.objects.update(removed_at=timezone.now() - timedelta(days=9))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_concurrent_removals_remembered_and_expired(feed, make):
    long_ago = timezone.now() - timedelta(days=400)
    users = [feed() for _ in range(6)]
    for minute, user in enumerate(users):
        user.add_activity(make(minute, **at(minute)))
        user.remove_activity(foreign_id=f"a:{minute}")
    RemovedActivity.objects.update(removed_at=long_ago)
    for minute, user in enumerate(users):
        user.add_activity(make(minute, **at(minute)))
        user.add_activity(make(minute + 10, **at(minute + 10)))
    names = [f"a:{minute}" for minute in range(6)]
    run_at_once(
        [
            lambda user=user, name=name: user.remove_activity(foreign_id=name)
            for user, name in zip(users, names, strict=True)
        ]
    )
    recent = RemovedActivity.objects.filter(removed_at__gt=long_ago)
    assert recent.count() == RemovedActivity.objects.count() == 6


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_returning_during_removal_is_seen(feed, make):
    one, other, inbox = feed(), feed(), feed("returning")
    follow(inbox, one)
    follow(inbox, other)
    sent = make(1, **at(1))
    one.add_activity(sent)
    inbox.get(mark_seen=True, mark_read=True)
    run_at_once(
        [lambda: one.remove_activity(foreign_id="a:1"), lambda: other.add_activity(sent)] * 3
    )
    assert counts(inbox) == (0, 0)
    check_counts()

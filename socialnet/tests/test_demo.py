"""The demo's data, seeded once for this module."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from stream_django.client import stream_client

from collections_app.models import Collection, Content
from feeds.models import OutboxEntry
from follows.models import Follow
from messaging.models import Message
from socialnet import demo
from socialnet.tests.test_demo_command import row_counts

pytestmark = pytest.mark.django_db

PASSWORD = "one for all of them"


@pytest.fixture(scope="module", autouse=True)
def seeded(django_db_setup, django_db_blocker):
    """Seed in a transaction that outlives each test's own, and is rolled back at the end."""
    settings = override_settings(DEMO_PASSWORD=PASSWORD)
    with django_db_blocker.unblock(), settings, transaction.atomic():
        call_command("seed_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def test_demo_has_people_collections_links():
    assert demo.people().count() == 8
    assert Collection.objects.visible().count() == 24
    assert Content.objects.visible().count() >= 150


def test_printed_password_signs_in():
    assert authenticate(username="ana", password=PASSWORD)


def test_demo_has_moderator():
    moderator = get_user_model().objects.get(username=demo.moderator_username())
    assert moderator.is_staff
    assert moderator.has_perm("collections_app.moderate_collection")


def test_everything_is_delivered():
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_ana_has_timeline_and_notifications():
    ana = get_user_model().objects.get(username="ana")
    timeline = stream_client.feed("timeline", str(ana.pk)).get(limit=100)["results"]
    assert len({group["updated_at"].date() for group in timeline}) >= 5
    assert {row["actor"] for group in timeline for row in group["activities"]} > {f"SU:{ana.pk}"}
    notifications = stream_client.feed("notification", str(ana.pk)).get()
    assert notifications["unseen"] == 3
    assert {group["verb"] for group in notifications["results"][:3]} == {
        "follow",
        "follow_collection",
    }


def test_ana_has_two_unread_messages(client):
    ana = get_user_model().objects.get(username="ana")
    assert Message.objects.received_by(ana).unread().count() == 2
    client.force_login(ana)
    (unread,) = client.get("/notifications/poll/").json()
    assert (unread["name"], unread["data"]) == ("unread_message_count", 2)


def test_everyone_follows_and_is_followed():
    for person in demo.people():
        assert person.follower_count
        assert Follow.objects.explicit().filter(follower=person).exists()


def test_second_seed_adds_nothing():
    before = row_counts()
    call_command("seed_demo", verbosity=0)
    assert row_counts() == before


def test_seed_restores_deleted_link():
    Content.objects.first().delete()
    call_command("seed_demo", verbosity=0)
    assert Content.objects.visible().count() >= 150

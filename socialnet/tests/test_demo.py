"""The demo as one finds it, made once for all tests here."""

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


def test_the_demo_has_people_collections_and_links():
    assert demo.people().count() == 8
    assert Collection.objects.visible().count() == 24
    assert Content.objects.visible().count() >= 150


def test_its_people_sign_in_with_the_printed_password():
    assert authenticate(username="ana", password=PASSWORD)


def test_one_of_its_people_is_a_moderator():
    moderator = get_user_model().objects.get(username=demo.moderator_username())
    assert moderator.is_staff
    assert moderator.has_perm("collections_app.moderate_collection")


def test_everything_of_it_is_on_the_feeds():
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_the_printed_login_opens_on_a_timeline_of_days_and_three_unseen_notifications():
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


def test_the_printed_login_has_two_unread_messages(client):
    ana = get_user_model().objects.get(username="ana")
    assert Message.objects.received_by(ana).unread().count() == 2
    client.force_login(ana)
    (unread,) = client.get("/notifications/poll/").json()
    assert (unread["name"], unread["data"]) == ("unread_message_count", 2)


def test_everyone_of_the_demo_follows_and_is_followed():
    for person in demo.people():
        assert person.follower_count
        assert Follow.objects.explicit().filter(follower=person).exists()


def test_made_again_it_adds_nothing():
    before = row_counts()
    call_command("seed_demo", verbosity=0)
    assert row_counts() == before


def test_what_was_deleted_of_it_is_made_again():
    Content.objects.first().delete()
    call_command("seed_demo", verbosity=0)
    assert Content.objects.visible().count() >= 150

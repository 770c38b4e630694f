import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from accounts.tests.factories import ModeratorFactory, UserFactory
from moderation.services import notify_staff
from notifications.models import Notification
from socialnet import demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def password(settings):
    settings.DEMO_PASSWORD = "one for all of them"


# Ids of removed activities, which are kept for some days.
KEPT = {"feedserver.RemovedActivity"}


def row_counts():
    models = [model for model in apps.get_models() if model._meta.label not in KEPT]
    return {model._meta.label: model._base_manager.count() for model in models}


@pytest.mark.slow
def test_existing_username_is_kept():
    ana = UserFactory(username="Ana")
    call_command("seed_demo", verbosity=0)
    assert demo.people().count() == 7
    assert not ana.collections.exists()


@pytest.mark.slow
def test_remove_leaves_no_rows(deliver):
    moderator = ModeratorFactory()
    notify_staff()
    deliver()
    before = row_counts()
    call_command("seed_demo", verbosity=0)
    call_command("seed_demo", "--remove", verbosity=0)
    assert row_counts() == before
    assert Notification.objects.get(user=moderator).payload == 0


def test_missing_password_is_refused(settings):
    settings.DEMO_PASSWORD = ""
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        call_command("seed_demo")

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


# Bare ids of activities that were removed: nothing of them, and they go in time.
KEPT = {"feedserver.RemovedActivity"}


def row_counts():
    models = [model for model in apps.get_models() if model._meta.label not in KEPT]
    return {model._meta.label: model._base_manager.count() for model in models}


def test_a_name_that_somebody_has_is_left_to_them():
    ana = UserFactory(username="Ana")
    call_command("seed_demo", verbosity=0)
    assert demo.people().count() == 7
    assert not ana.collections.exists()


def test_removed_it_leaves_nothing_in_any_table(deliver):
    moderator = ModeratorFactory()
    notify_staff()
    deliver()
    before = row_counts()
    call_command("seed_demo", verbosity=0)
    call_command("seed_demo", "--remove", verbosity=0)
    assert row_counts() == before
    assert Notification.objects.get(user=moderator).payload == 0


def test_without_a_password_it_is_refused(settings):
    settings.DEMO_PASSWORD = ""
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        call_command("seed_demo")

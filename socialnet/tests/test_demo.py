import pytest
from django.apps import apps
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command

from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app.models import Collection, Content
from feeds.models import OutboxEntry
from socialnet import demo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def password(settings):
    settings.DEMO_PASSWORD = "one for all of them"
    return settings.DEMO_PASSWORD


@pytest.fixture
def seeded(password):
    call_command("seed_demo", verbosity=0)


def counts():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def test_the_demo_has_people_collections_and_links(seeded):
    assert demo.people().count() == 8
    assert Collection.objects.visible().count() == 24
    assert Content.objects.visible().count() >= 150


def test_its_people_sign_in_with_the_printed_password(seeded, password):
    assert authenticate(username="ana", password=password)


def test_one_of_its_people_is_a_moderator(seeded):
    moderator = get_user_model().objects.get(username=demo.moderator_username())
    assert moderator.is_staff
    assert moderator.has_perm("collections_app.moderate_collection")


def test_everything_of_it_is_on_the_feeds(seeded):
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_made_again_it_adds_nothing(seeded):
    before = counts()
    call_command("seed_demo", verbosity=0)
    assert counts() == before


def test_what_was_deleted_of_it_is_made_again(seeded):
    Content.objects.first().delete()
    call_command("seed_demo", verbosity=0)
    assert Content.objects.visible().count() >= 150


def test_a_name_that_somebody_has_is_left_to_them(password):
    ana = UserFactory(username="Ana")
    call_command("seed_demo", verbosity=0)
    assert demo.people().count() == 7
    assert not ana.collections.exists()


def test_removed_it_leaves_nothing_in_any_table(password):
    ModeratorFactory()
    before = counts()
    call_command("seed_demo", verbosity=0)
    call_command("seed_demo", "--remove", verbosity=0)
    assert counts() == before


def test_without_a_password_it_is_refused(settings):
    settings.DEMO_PASSWORD = ""
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        call_command("seed_demo")

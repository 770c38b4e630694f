import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from accounts.roles import MEMBERS
from accounts.tests.factories import UserFactory
from feeds.models import OutboxEntry
from socialnet import demo
from socialnet.management.commands.start import Command, is_loopback

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]


def test_deploy_confirms_superusers():
    person = get_user_model().objects.create_user("root", "root@example.org", "x")
    get_user_model().objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True)
    call_command("deploy", verbosity=0)
    person.refresh_from_db()
    assert person.is_confirmed
    assert person.groups.filter(name=MEMBERS).exists()


def test_deploy_queues_missing_stream_users():
    person = UserFactory()
    get_user_model().objects.update(was_published=False)
    OutboxEntry.objects.all().delete()
    call_command("deploy", verbosity=0)
    entry = OutboxEntry.objects.get()
    assert (entry.operation, entry.subject) == ("set_user", f"accounts.User:{person.pk}")


def test_second_deploy_changes_nothing():
    UserFactory()
    call_command("deploy", verbosity=0)
    before = OutboxEntry.objects.count()
    call_command("deploy", verbosity=0)
    assert OutboxEntry.objects.count() == before


def test_deploy_after_pruning_queues_nothing():
    UserFactory()
    OutboxEntry.objects.all().delete()
    call_command("deploy", verbosity=0)
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_is_loopback(host, expected):
    assert is_loopback(host) is expected


def test_demo_is_not_served_publicly(settings):
    settings.HOST = "0.0.0.0"
    Command().refuse_public_demo()
    UserFactory(email=f"ana{demo.EMAIL_DOMAIN}")
    with pytest.raises(CommandError, match="seed_demo --remove"):
        Command().refuse_public_demo()


def test_start_prints_address_and_logins(settings, capsys):
    settings.DEMO_PASSWORD = "printed"
    UserFactory(username="ana", email=f"ana{demo.EMAIL_DOMAIN}")
    Command().announce(first_run=False)
    printed = capsys.readouterr().out
    for text in (settings.SITE_URL, "embedded", "ana", "printed"):
        assert text in printed


@pytest.mark.parametrize("first_run", [True, False])
def test_first_start_prints_hint(settings, capsys, first_run):
    UserFactory(username="ana", email=f"ana{demo.EMAIL_DOMAIN}")
    Command().announce(first_run=first_run)
    assert ("two messages" in capsys.readouterr().out) == first_run

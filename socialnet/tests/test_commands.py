import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from accounts.roles import MEMBERS
from accounts.tests.factories import UserFactory
from feeds.models import OutboxEntry
from socialnet import demo
from socialnet.management.commands.start import Command, is_loopback

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]


def test_deploy_gives_unconfirmed_superusers_all_that_others_have():
    person = get_user_model().objects.create_user("root", "root@example.org", "x")
    get_user_model().objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True)
    call_command("deploy", verbosity=0)
    person.refresh_from_db()
    assert person.is_confirmed
    assert person.groups.filter(name=MEMBERS).exists()


def test_deploy_queues_the_stream_users_that_are_missing():
    person = UserFactory()
    get_user_model().objects.update(was_published=False)
    OutboxEntry.objects.all().delete()
    call_command("deploy", verbosity=0)
    entry = OutboxEntry.objects.get()
    assert (entry.operation, entry.subject) == ("set_user", f"accounts.User:{person.pk}")


def test_deployed_again_it_changes_nothing():
    UserFactory()
    call_command("deploy", verbosity=0)
    before = OutboxEntry.objects.count()
    call_command("deploy", verbosity=0)
    assert OutboxEntry.objects.count() == before


def test_deployed_after_the_outbox_forgot_what_was_delivered_it_queues_nothing():
    UserFactory()
    OutboxEntry.objects.all().delete()
    call_command("deploy", verbosity=0)
    assert not OutboxEntry.objects.exists()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_which_addresses_stay_on_this_machine(host, expected):
    assert is_loopback(host) is expected


def test_the_site_does_not_listen_publicly_while_demo_accounts_exist(settings):
    settings.HOST = "0.0.0.0"
    Command().refuse_public_demo()
    UserFactory(email=f"ana{demo.EMAIL_DOMAIN}")
    with pytest.raises(CommandError, match="seed_demo --remove"):
        Command().refuse_public_demo()


def test_a_start_prints_the_address_the_feeds_and_the_logins(settings, capsys):
    settings.DEMO_PASSWORD = "printed"
    UserFactory(username="ana", email=f"ana{demo.EMAIL_DOMAIN}")
    Command().announce(first_run=False)
    printed = capsys.readouterr().out
    for text in (settings.SITE_URL, "embedded", "ana", "printed"):
        assert text in printed


@pytest.mark.parametrize("first_run", [True, False])
def test_what_waits_for_the_first_of_the_demo_is_told_once(settings, capsys, first_run):
    UserFactory(username="ana", email=f"ana{demo.EMAIL_DOMAIN}")
    Command().announce(first_run=first_run)
    assert ("two messages" in capsys.readouterr().out) == first_run

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.tests.factories import UserFactory
from collections_app.models import Collection
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from follows import backfill
from follows.models import CollectionFollow, Follow
from follows.tests.factories import FollowFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(db):
    """Create three people with two collections each, without self-follows."""
    for person in UserFactory.create_batch(3):
        CollectionFactory.create_batch(2, author=person)
    Follow.objects.all().delete()
    CollectionFollow.objects.all().delete()
    OutboxEntry.objects.all().delete()


def run(*arguments, **options):
    output = StringIO()
    call_command("backfill_self_follows", *arguments, stdout=output, **options)
    return output.getvalue()


def self_follows():
    rows = Follow.objects.filter(is_self=True), CollectionFollow.objects.filter(is_self=True)
    return tuple(row.count() for row in rows)


def test_everyone_gets_what_is_missing(old):
    assert "3 people and 6 collections got a self-follow." in run()
    assert self_follows() == (3, 6)
    assert all(row.follower == row.collection.author for row in CollectionFollow.objects.all())


def test_feeds_follow_backfill(old, deliver, groups_of):
    link = ContentFactory(collection=Collection.objects.first())
    run()
    deliver()
    assert "post" in {group["verb"] for group in groups_of(link.collection.author)}


def test_only_the_worker_tells_them(old, commit):
    with commit():
        run()
    assert set(OutboxEntry.objects.values_list("operation", "state")) == {("follow", "pending")}
    assert OutboxEntry.objects.count() == 9


def test_the_second_time_there_is_nothing_to_do(old):
    run()
    before = OutboxEntry.objects.count()
    assert "Nothing to do" in run()
    assert OutboxEntry.objects.count() == before


def test_a_dry_run_counts_and_changes_nothing(old):
    assert "3 people and 6 collections would get a self-follow." in run("--dry-run")
    assert self_follows() == (0, 0)
    assert not OutboxEntry.objects.exists()


def test_stopped_and_started_again_it_goes_on(old, monkeypatch):
    monkeypatch.setattr(backfill, "BATCH_SIZE", 2)
    batches = backfill.COLLECTIONS.batches()
    assert next(batches) == 2
    batches.close()
    assert self_follows() == (0, 2)
    assert "3 people and 4 collections got a self-follow." in run()
    assert self_follows() == (3, 6)
    assert OutboxEntry.objects.count() == 9


def test_the_follows_of_others_are_left_alone(old):
    row = FollowFactory()
    Follow.objects.filter(is_self=True).delete()
    run()
    assert Follow.objects.explicit().get() == row


def test_batch_has_constant_queries(old, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        assert list(backfill.PEOPLE.batches()) == [3]


def test_a_terminal_is_shown_how_far_it_is(old):
    class Terminal(StringIO):
        def isatty(self):
            return True

    output = Terminal()
    call_command("backfill_self_follows", stdout=output)
    assert "[##############################] 6 of 6" in output.getvalue()


def test_it_is_quiet_when_asked_to_be(old):
    assert run(verbosity=0) == ""
    assert self_follows() == (3, 6)


def test_deploy_runs_it(old):
    call_command("deploy", verbosity=0)
    assert self_follows() == (3, 6)


def test_interruption_ends_with_a_sentence(old, monkeypatch):
    def interrupt(backfill):
        raise KeyboardInterrupt

    monkeypatch.setattr(backfill.Backfill, "batches", interrupt)
    output = StringIO()
    with pytest.raises(SystemExit):
        call_command("backfill_self_follows", stdout=output)
    assert output.getvalue() == "\nStopped. Start again to go on.\n"

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds import resyncing
from feeds.models import OutboxEntry, Resync
from feeds.tests.factories import OutboxEntryFactory
from feedserver.models import Activity, Feed, StreamObject, StreamUser

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(deliver):
    ContentFactory.create_batch(3, collection=CollectionFactory())
    deliver()


def resync(**options):
    out = io.StringIO()
    call_command("resync_feeds", stdout=out, **options)
    return out.getvalue()


def differences():
    out = io.StringIO()
    call_command("check_feeds", stdout=out)
    return out.getvalue()


def move_to_an_empty_stream():
    for model in (Activity, Feed, StreamUser, StreamObject):
        model.objects.all().delete()


def test_everything_is_published_from_scratch(site, deliver):
    move_to_an_empty_stream()
    with pytest.raises(CommandError):
        differences()
    OutboxEntry.objects.all().delete()
    told = resync()
    assert f"{OutboxEntry.objects.count()} entries queued" in told
    deliver()
    assert "0 differences" in differences()


def test_done_twice_it_changes_nothing(site, deliver):
    resync()
    deliver()
    resync()
    deliver()
    assert "0 differences" in differences()


def test_what_is_not_public_is_not_published(deliver):
    CollectionFactory(author=SuspendedUserFactory())
    OutboxEntry.objects.all().delete()
    resync()
    assert set(OutboxEntry.objects.values_list("operation", flat=True)) == {"follow"}


def test_stopped_it_goes_on_where_it_was(site):
    OutboxEntry.objects.all().delete()
    first = resyncing.stages()[0]
    rows = list(resyncing.rows_of(first))
    resyncing.publish(resyncing.begin(restart=False), first, rows)
    resync()
    assert OutboxEntry.objects.filter(operation="set_user").count() == len(rows)
    assert OutboxEntry.objects.filter(operation="add").count() == 4


def test_a_run_that_ended_and_one_begun_anew_start_at_the_first_row(site):
    UserFactory()
    for options in ({}, {"restart": True}):
        OutboxEntry.objects.all().delete()
        resync(**options)
        assert OutboxEntry.objects.filter(operation="set_user").count() == 2
    assert Resync.objects.get().finished_at <= timezone.now()


def test_it_refuses_while_a_group_is_missing(site, settings):
    settings.FEEDS_GROUPS = {**settings.FEEDSERVER_GROUPS, "digest": {"type": "flat"}}
    before = OutboxEntry.objects.count()
    with pytest.raises(CommandError, match="not set up yet"):
        resync()
    assert OutboxEntry.objects.count() == before


@pytest.fixture
def left_behind():
    """Create entries for another Stream, one pending and one refused."""
    return [OutboxEntryFactory(destination="another", state=one) for one in ("pending", "failed")]


def test_what_waits_for_another_stream_stays_unless_it_is_told_to_go(site, left_behind):
    assert "dropped" not in resync()
    assert OutboxEntry.objects.filter(destination="another").count() == 2


def test_what_waits_for_another_stream_goes_once_all_is_published_here(site, left_behind):
    told = resync(drop_elsewhere=True)
    assert "2 entries for other destinations dropped." in told
    assert "0 entries queued" not in told
    assert not OutboxEntry.objects.filter(destination="another").exists()


def test_where_all_is_published_already_it_only_drops(site, left_behind):
    resync()
    later = OutboxEntryFactory(destination="another")
    before = OutboxEntry.objects.filter(destination="embedded").count()
    told = resync(drop_elsewhere=True)
    assert "2 entries for other destinations dropped." in told
    assert "0 entries queued" in told
    assert OutboxEntry.objects.filter(destination="embedded").count() == before
    assert OutboxEntry.objects.get(destination="another") == later


def test_nothing_is_dropped_where_not_all_can_be_published(site, left_behind, broken_stream):
    with pytest.raises(CommandError):
        resync(drop_elsewhere=True)
    assert OutboxEntry.objects.filter(destination="another").count() == 2

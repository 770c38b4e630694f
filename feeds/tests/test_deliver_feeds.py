"""The worker: `manage.py deliver_feeds`."""

import logging
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.outbox.entries import backlog
from feeds.outbox.worker import MAX_PAUSE, POLL_SECONDS, Worker
from feeds.signals import worker_tick
from feeds.tests.factories import OutboxEntryFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    return Worker()


def everything_is_delivered():
    return not OutboxEntry.objects.exclude(state="delivered").exists()


def test_once_delivers_due_entries(capsys):
    OutboxEntryFactory.create_batch(3)
    call_command("deliver_feeds", "--once")
    assert everything_is_delivered()
    assert "3 entries tried" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_worker_after_delivery(number):
    before = signal.getsignal(number)
    OutboxEntryFactory.create_batch(3)
    threading.Timer(0.3, signal.raise_signal, [number]).start()
    started = time.monotonic()
    call_command("deliver_feeds", verbosity=0)
    assert time.monotonic() - started < 3
    assert everything_is_delivered()
    assert signal.getsignal(number) is before


def test_stopped_worker_releases_rest(worker):
    people = UserFactory.create_batch(3)
    OutboxEntry.objects.all().delete()
    for person in people:
        OutboxEntryFactory(operation="set_user", subject=f"accounts.User:{person.pk}")
    calls = []

    def stop_at_the_second(execute, *args):
        calls.append(1)
        if "feedserver_streamuser" in args[0]:
            worker.stop()
        return execute(*args)

    with connection.execute_wrapper(stop_at_the_second):
        worker.deliver_due()
    assert sorted(OutboxEntry.objects.values_list("state", "claimed_until")) == [
        ("delivered", None),
        ("pending", None),
        ("pending", None),
    ]


def test_worker_resumes_after_outage(worker, broken_stream):
    OutboxEntryFactory.create_batch(3)
    assert worker.deliver_due() == 1
    assert OutboxEntry.objects.filter(attempts=1).count() == 1
    assert not OutboxEntry.objects.exclude(claimed_until=None).exists()
    broken_stream()
    OutboxEntry.objects.update(due_at=timezone.now())
    assert worker.deliver_due() >= POLL_SECONDS
    assert worker.pause == 0
    assert everything_is_delivered()


def test_paused_worker_probes_with_one_entry(worker, picky_stream, settings):
    settings.FEEDS_DELIVERY = "worker"
    collection = CollectionFactory()
    worker.deliver_due()
    ContentFactory.create_batch(3, collection=collection)
    stream = picky_stream("what nobody says")
    worker.pause = 4
    worker.deliver_due()
    assert len(stream.calls) == 2
    assert worker.pause == 0


def test_worker_pauses_double_to_minute(worker, broken_stream):
    OutboxEntryFactory.create_batch(9)
    pauses = [worker.deliver_due() for _ in range(8)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert MAX_PAUSE == 60


def test_worker_records_its_pause(worker, broken_stream):
    OutboxEntryFactory.create_batch(2)
    assert not backlog()["paused"]
    worker.deliver_due()
    assert backlog()["paused"]
    broken_stream()
    worker.deliver_due()
    assert not backlog()["paused"]


def test_worker_respects_retry_after(worker, faulty_stream):
    entry = OutboxEntryFactory()
    faulty_stream(429, b"{}", {"Retry-After": "120"})
    assert worker.deliver_due() == 120
    entry.refresh_from_db()
    assert entry.state == "pending"
    assert 110 < (entry.due_at - timezone.now()).total_seconds() <= 120


def test_worker_survives_database_failure(worker):
    def fail(execute, *args):
        raise OperationalError("restarting")

    OutboxEntryFactory()
    with connection.execute_wrapper(fail):
        assert worker.deliver_due() == 1
    assert worker.deliver_due() >= POLL_SECONDS
    assert worker.pause == 0
    assert OutboxEntry.objects.get().state == "delivered"


def test_entry_without_call_keeps_pause(worker, broken_stream):
    OutboxEntryFactory(key="user:1")
    worker.deliver_due()
    gone = {"operation": "add", "subject": "collections_app.Collection:0"}
    local = {"operation": "add", "subject": "no.Model:1"}
    OutboxEntryFactory(key="user:2", **gone)
    OutboxEntryFactory(key="user:3", **local)
    worker.deliver_due()
    assert OutboxEntry.objects.get(key="user:2").state == "delivered"
    assert OutboxEntry.objects.get(key="user:3").attempts == 1
    assert worker.pause == 1
    assert backlog()["paused"]
    OutboxEntryFactory.create_batch(3)
    assert worker.deliver_due() == 2


def test_refusal_ends_pause(worker, broken_stream, picky_stream):
    OutboxEntryFactory(key="user:1", due_at=timezone.now())
    worker.deliver_due()
    broken_stream()
    picky_stream("feed/user/1/")
    OutboxEntry.objects.update(due_at=timezone.now())
    worker.deliver_due()
    assert OutboxEntry.objects.get().state == "failed"
    assert worker.pause == 0


def test_database_failure_pauses_without_stream(worker):
    def fail(execute, *args):
        raise OperationalError("restarting")

    OutboxEntryFactory(due_at=timezone.now() + timedelta(hours=1))
    with connection.execute_wrapper(fail):
        pauses = [worker.deliver_due() for _ in range(3)]
    assert pauses == [1, 2, 4]
    assert worker.pause == 0
    worker._tick_at = 0
    worker.deliver_due()
    assert not backlog()["paused"]
    with connection.execute_wrapper(fail):
        assert worker.deliver_due() == 1


def test_worker_tick_survives_bad_receiver(worker):
    ticks = []

    def answer(**kwargs):
        ticks.append(1)
        raise ValueError("not of the worker")

    worker_tick.connect(answer)
    try:
        worker.deliver_due()
        worker.deliver_due()
    finally:
        worker_tick.disconnect(answer)
    assert ticks == [1]


def test_worker_warns_once_of_other_destinations(caplog):
    OutboxEntryFactory.create_batch(2, destination="another")
    with caplog.at_level(logging.WARNING, "feeds"):
        logging.getLogger("feeds").addHandler(caplog.handler)
        call_command("deliver_feeds", "--once", verbosity=0)
        logging.getLogger("feeds").removeHandler(caplog.handler)
    (record,) = [one for one in caplog.records if "another destination" in one.getMessage()]
    assert record.entries == 2
    assert OutboxEntry.objects.filter(state="pending").count() == 2

"""The worker: `manage.py deliver_feeds`."""

import signal
import threading
import time

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from feeds.management.commands.deliver_feeds import Command
from feeds.models import OutboxEntry
from feeds.signals import worker_tick
from feeds.tests.factories import OutboxEntryFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    """A worker that has not begun; its `run()` does what the command does."""
    command = Command()
    command.stopping, command.tick_at = False, time.monotonic()
    return command


@pytest.fixture
def handlers():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_once_delivers_what_is_due_and_ends():
    OutboxEntryFactory.create_batch(3)
    call_command("deliver_feeds", "--once", verbosity=0)
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_it_delivered(handlers, number):
    OutboxEntryFactory.create_batch(3)
    threading.Timer(0.3, signal.raise_signal, [number]).start()
    started = time.monotonic()
    call_command("deliver_feeds", verbosity=0)
    assert time.monotonic() - started < 3
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_out_of_reach_it_tries_one_entry_and_goes_on_when_stream_is_back(worker, broken_stream):
    OutboxEntryFactory.create_batch(3)
    assert not worker.deliver_due()
    assert OutboxEntry.objects.filter(attempts=1).count() == 1
    broken_stream()
    OutboxEntry.objects.update(due_at=timezone.now())
    assert worker.deliver_due()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()


def test_it_outlives_a_database_that_fails(worker):
    def fail(execute, *args):
        raise OperationalError("restarting")

    OutboxEntryFactory()
    with connection.execute_wrapper(fail):
        assert not worker.deliver_due()
    assert worker.deliver_due()
    assert OutboxEntry.objects.get().state == "delivered"


def test_it_ticks_about_once_a_minute_and_survives_whoever_answers_badly(worker):
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

"""Concurrent notifications of one person get timestamps in the order of commits."""

import random
import threading
import time
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from notifications.models import Cursor, Notification
from notifications.services import notify
from tests.threads import run_at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WRITERS, TIMES = 6, 15


@pytest.mark.parametrize("seed", range(5))
def test_whoever_remembers_the_last_timestamp_misses_nothing(seed):
    """Each writer counts up a name of its own and commits late, beginning all at once."""
    person = get_user_model().objects.create_user("ana")
    chance, done, left = random.Random(seed), threading.Event(), list(range(WRITERS))
    pauses = [[chance.choice([0, 0.001, 0.004]) for _ in range(TIMES)] for _ in range(WRITERS)]
    received = []

    def count_up(number):
        try:
            for value, pause in enumerate(pauses[number]):
                with transaction.atomic():
                    notify(person, f"name {number}", value)
                    time.sleep(pause)
        finally:
            left.pop()
            if not left:
                done.set()

    def poll():
        since = received[-1].timestamp if received else 0
        received.extend(Notification.objects.of(person).since(since))

    def poll_until_done():
        while not done.is_set():
            poll()
            time.sleep(0.002)
        poll()

    run_at_once([*(partial(count_up, number) for number in range(WRITERS)), poll_until_done])
    stamps = [row.timestamp for row in received]
    assert stamps == sorted(set(stamps))
    latest = {row.name: row.payload for row in received}
    assert latest == {f"name {number}": TIMES - 1 for number in range(WRITERS)}
    assert Cursor.objects.get().timestamp == stamps[-1]


def test_concurrent_counts_are_right():
    people = get_user_model().objects
    person = people.create_user("ana")

    def join(number):
        with transaction.atomic():
            people.create_user(f"other{number}")
            notify(person, "count", people.exclude(pk=person.pk).count)
            time.sleep(0.01)

    run_at_once([partial(join, number) for number in range(8)])
    assert Notification.objects.get().payload == 8

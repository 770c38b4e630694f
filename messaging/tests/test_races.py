"""Many who write at once, while others look: nothing is lost, and nothing is seen twice."""

import os
import random
import threading
import time
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse

from messaging import services
from messaging.models import Message
from messaging.tests.factories import MessageFactory, PersonFactory
from notifications.models import Notification
from tests.threads import run_at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# More of both are a matter of minutes: RACES=100 MESSAGES=2000.
RUNS, MESSAGES = int(os.environ.get("RACES", "20")), int(os.environ.get("MESSAGES", "400"))


class Reader:
    """A browser that polls with the last timestamp it saw, and keeps all responses."""

    def __init__(self, person):
        self.client = Client()
        self.client.force_login(person)
        self.items = []

    def poll(self):
        since = self.items[-1]["timestamp"] if self.items else 0
        answer = self.client.get(reverse("notifications:poll"), {"since": repr(since)})
        assert answer.status_code == 200, answer.content
        self.items += answer.json()

    def poll_until(self, done):
        while not done.is_set():
            self.poll()
            time.sleep(0.01)
        self.poll()

    def check(self, count):
        stamps = [item["timestamp"] for item in self.items]
        assert stamps == sorted(set(stamps))
        assert self.items[-1]["data"] == count


def race(calls, reader):
    """Run `calls` at once while `reader` polls, from before the first until after the last."""
    done, left = threading.Event(), [None] * len(calls)

    def run(call):
        try:
            call()
        finally:
            left.pop()
            if not left:
                done.set()

    run_at_once([*(partial(run, call) for call in calls), partial(reader.poll_until, done)])


def write(sender, recipient, count, pause=None):
    """Send messages one by one; `pause()` is how many seconds each waits before its commit."""
    for number in range(count):
        with transaction.atomic():
            services.send(sender=sender, recipient=recipient, body=f"Message {number}")
            if pause:
                time.sleep(pause())


def test_poll_during_many_messages():
    recipient, senders = PersonFactory(), PersonFactory.create_batch(8)
    reader = Reader(recipient)
    race([partial(write, sender, recipient, MESSAGES // 8) for sender in senders], reader)
    reader.check(MESSAGES)
    assert Message.objects.received_by(recipient).unread().count() == MESSAGES


def test_senders_whose_transactions_are_slow_to_commit():
    recipient, senders = PersonFactory(), PersonFactory.create_batch(8)
    reader, slow = Reader(recipient), random.Random(7)
    pause = partial(slow.choice, [0, 0, 0.001, 0.01, 0.03])
    race([partial(write, sender, recipient, 25, pause) for sender in senders], reader)
    reader.check(200)


def test_small_races_of_writing_reading_and_deleting():
    recipient, senders = PersonFactory(), PersonFactory.create_batch(3)
    for seed in random.sample(range(10**9), RUNS):
        print("seed", seed)
        chance = random.Random(seed)
        reader = Reader(recipient)
        pause = partial(chance.choice, [0, 0, 0.001, 0.002])
        calls = [partial(write, one, recipient, chance.randint(1, 3), pause) for one in senders]
        everything = Message.objects.all()
        if chance.random() < 0.5:
            calls.append(partial(services.mark_read, everything, reader=recipient))
        if chance.random() < 0.3:
            delete = services.delete_conversation
            calls.append(partial(delete, person=recipient, other=senders[0]))
        race(calls, reader)
        reader.check(everything.received_by(recipient).unread().count())
        everything.delete()
        Notification.objects.all().delete()


def test_mutual_changes_do_not_deadlock():
    one, other = PersonFactory.create_batch(2)
    everything = Message.objects.all()
    calls = [
        partial(call, *pair)
        for pair in ((one, other), (other, one))
        for call in (
            lambda me, you: write(me, you, 5),
            lambda me, you: services.mark_read(everything, reader=me),
            lambda me, you: services.delete_conversation(person=me, other=you),
        )
    ]
    run_at_once(calls * 3)
    for person in (one, other):
        shown = Notification.objects.get(user=person).payload
        assert shown == everything.received_by(person).unread().count()
    assert not everything.deleted_for_sender().deleted_for_recipient().exists()


def test_simultaneous_messages_are_counted(monkeypatch):
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    recipient, senders = PersonFactory(), PersonFactory.create_batch(2)
    reader = Reader(recipient)
    race([partial(write, sender, recipient, 1) for sender in senders], reader)
    reader.check(2)


def test_send_during_account_deletion():
    people = get_user_model()
    for _ in range(10):
        sender, recipient = PersonFactory(), PersonFactory()
        send = partial(services.send, sender=sender, recipient=recipient, body="Hello.")
        run_at_once([send, recipient.delete, send], expected=(people.DoesNotExist,))
        assert not people.objects.filter(pk=recipient.pk).exists()
        assert not Message.objects.exclude(recipient=None).exists()
        sender.delete()
    assert not Message.objects.exists()


def test_what_both_delete_at_once_is_gone():
    for _ in range(10):
        message = MessageFactory()
        people = (message.sender, message.recipient)
        run_at_once([partial(services.delete_message, message, person=one) for one in people])
        assert not Message.objects.exists()


def test_mutual_account_deletions():
    for _ in range(8):
        people = PersonFactory.create_batch(2)
        for pair in (people, people[::-1]):
            write(*pair, 5)
        run_at_once([delete_person(one) for one in people])
        assert not Message.objects.exists()


def delete_person(person):
    return partial(get_user_model().objects.get(pk=person.pk).delete)


def test_read_during_sender_deletion():
    for _ in range(6):
        sender, recipient = PersonFactory.create_batch(2)
        write(sender, recipient, 20)
        write(recipient, sender, 5)
        read = partial(services.mark_read, Message.objects.all(), reader=recipient)
        run_at_once([delete_person(sender), read])
        assert not Message.objects.received_by(recipient).unread().exists()
        assert Message.objects.received_by(recipient).count() == 20
        recipient.delete()

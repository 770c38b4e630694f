import math
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from notifications.models import Cursor, Notification
from notifications.services import notify

pytestmark = pytest.mark.django_db


def latest(person, name="count"):
    return Notification.objects.get(user=person, name=name)


@pytest.mark.parametrize("payload", [0, 3, 1.5, "text", "", True, [], [1, "a"], {}, {"a": [None]}])
def test_a_payload_is_whatever_json_can_hold(ana, payload):
    notify(ana, "count", payload)
    assert latest(ana).payload == payload


def test_a_payload_may_be_a_function(ana):
    notify(ana, "count", lambda: 7)
    assert latest(ana).payload == 7


@pytest.mark.parametrize("payload", [math.nan, math.inf, object(), {1, 2}, None, "a\x00"])
def test_invalid_payload_changes_nothing(ana, payload):
    notify(ana, "count", 1)
    with pytest.raises((ValidationError, ValueError, TypeError)), transaction.atomic():
        notify(ana, "count", payload)
    assert latest(ana).payload == 1


def test_name_length_is_limited(ana):
    notify(ana, "n" * 128, 1)
    with pytest.raises(ValidationError):
        notify(ana, "n" * 129, 1)


def test_latest_value_replaces_older(ana, ben):
    for value in range(5):
        notify(ana, "count", value)
    notify(ana, "other", "x")
    notify(ben, "count", 9)
    rows = Notification.objects.order_by("timestamp").values_list("user", "name", "payload")
    assert list(rows) == [(ana.pk, "count", 4), (ana.pk, "other", "x"), (ben.pk, "count", 9)]


def test_the_database_keeps_one_row_for_each_name(ana):
    notify(ana, "count", 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(user=ana, name="count", payload=2, timestamp=1)


def test_timestamps_are_the_time_and_grow(ana):
    before = time.time()
    stamps = [notify(ana, "count", value).timestamp for value in range(50)]
    assert before <= stamps[0] < stamps[-1] <= time.time() + 0.001
    assert stamps == sorted(set(stamps))


def test_timestamps_grow_where_the_clock_was_set_back(ana):
    ahead = time.time() + 3600
    Cursor.objects.create(user=ana, timestamp=ahead)
    first, second = (notify(ana, name, 1).timestamp for name in ("a", "b"))
    assert ahead < first < second < ahead + 1


def test_rollback_removes_notification(ana):
    notify(ana, "count", 1)
    stamp = latest(ana).timestamp
    with transaction.atomic():
        notify(ana, "count", 2)
        transaction.set_rollback(True)
    assert (latest(ana).payload, latest(ana).timestamp) == (1, stamp)


def test_notify_has_constant_queries(ana, django_assert_num_queries):
    notify(ana, "first", 1)
    with django_assert_num_queries(5):  # savepoint, cursor, notification, cursor, release
        notify(ana, "second", 1)


def test_nothing_stays_of_who_leaves(ana):
    notify(ana, "count", 1)
    ana.delete()
    assert not Notification.objects.exists()
    assert not Cursor.objects.exists()

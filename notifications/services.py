"""Notifications: the latest values that a person's open pages show."""

import json
import math
import time

from django.db import transaction

from notifications.models import Cursor, Notification


@transaction.atomic
def notify(user, name, payload):
    """Set the value of the notification `name` of `user`, and return the Notification.

    `payload` is any JSON value without null and null characters, or a function that returns one.
    The function is called with the person's cursor locked until the transaction ends. So a count
    made in the transaction of a change includes all earlier changes, and a person's timestamps
    grow in the order of commits, on any number of machines: a client that polls from its last
    timestamp gets each change once.

    Raises ValidationError for a name of more than 128 characters, ValueError or TypeError for a
    payload that JSON cannot represent. In one transaction, notify people in the order of their
    keys (`transactions` states the order of locks).
    """
    cursor, _created = Cursor.objects.select_for_update().get_or_create(user=user)
    cursor.timestamp = max(time.time(), math.nextafter(cursor.timestamp, math.inf))
    notification = Notification(
        user=user,
        name=name,
        payload=payload() if callable(payload) else payload,
        timestamp=cursor.timestamp,
    )
    notification.clean_fields(exclude=["user"])
    text = json.dumps(notification.payload, allow_nan=False)
    if text == "null" or r"\u0000" in text:  # PostgreSQL's JSON has no null characters
        raise ValueError("This is no payload for a notification.")
    Notification.objects.bulk_create(
        [notification],
        update_conflicts=True,
        unique_fields=["user", "name"],
        update_fields=["payload", "timestamp"],
    )
    cursor.save(update_fields=["timestamp"])
    return notification

"""The front door: tell somebody that something changed for them."""

import json
import math
import time

from django.db import transaction

from notifications.models import Cursor, Notification


@transaction.atomic
def notify(user, name, payload):
    """Let the notification `name` of `user` have a new value, and return it.

    `payload` is anything that JSON can hold, but null and null characters, or a function that
    returns it. Called within the transaction of the change that it tells of, a function counts
    right: it is called when nobody else can notify `user` until this transaction ends, so that it
    sees all that was told before. For the same reason timestamps of one person grow in the order
    of commits, on any number of machines: who remembers the last one that they saw misses nothing
    and sees nothing twice.

    Raises ValidationError for a name of more than 128 characters, ValueError or TypeError for a
    payload that JSON cannot hold. Whoever notifies several people in one transaction does so in
    the order of their keys, or two of them may wait for each other.
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
    if text == "null" or r"\u0000" in text:  # PostgreSQL's JSON knows no null characters
        raise ValueError("This is no payload for a notification.")
    Notification.objects.bulk_create(
        [notification],
        update_conflicts=True,
        unique_fields=["user", "name"],
        update_fields=["payload", "timestamp"],
    )
    cursor.save(update_fields=["timestamp"])
    return notification

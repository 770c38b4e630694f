"""How many copies a feed holds: what came by fan-out or by following, never its own activities.

A row for each feed tells how many there are at most. When that grows beyond the feed's limit they
are counted, and the oldest leave (`feedserver.entries`): a few more than must, so that the next
look is a while off. Where each feed's limit lies is a little different, so that feeds which are
sent the same are not all looked at by the same write.
"""

from collections import Counter

from django.db import connection

from feedserver import conf
from feedserver.models import FeedEntry, FeedLength
from feedserver.sql import FOLLOW, table

_LENGTH = FeedLength._meta.db_table
# Feeds as short as this are looked at with every arrival, and hold exactly what they may.
SHORT = 100
# Spreads the keys of feeds over the limits that there are.
_SPREAD = 7919


def slack():
    """Return by how much limits differ, and how much fewer than its limit a feed is left with."""
    return max(0, conf.feed_length() - SHORT) // 20


def note_fan_out(held):
    """Note what followers were sent by `held`, pairs of an activity and the feeds it is added to.

    Returns the followers that have too many copies now: pairs of a key and the newest activity
    that is to leave, with all that are older.
    """
    numbers = Counter(feed.pk for _, feeds in held for feed in feeds)
    columns = {"target_id": "bigint", "number": "bigint"}
    sent, parameters = table("sent", columns, sorted(numbers.items()))
    copies = f"""
        SELECT follow.source_id AS feed_id, SUM(sent.number) AS copies
        FROM {sent} CROSS JOIN {FOLLOW} follow WHERE follow.target_id = sent.target_id
        GROUP BY follow.source_id"""
    return _note(copies, parameters)


def note_follows(numbers):
    """Note how many copies feeds (by their keys) were sent; returns what `note_fan_out` returns."""
    columns = {"feed_id": "bigint", "copies": "bigint"}
    sent, parameters = table("sent", columns, sorted(numbers.items()))
    return _note(f"SELECT feed_id, copies FROM {sent}", parameters)


def _note(sent, parameters):
    """Add to the rows of feeds what `sent`, in SQL, tells; in the order of keys, as all do."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {_LENGTH} (feed_id, copies)
            SELECT feed_id, copies FROM ({sent}) sent WHERE TRUE ORDER BY feed_id
            ON CONFLICT (feed_id) DO UPDATE SET copies = {_LENGTH}.copies + excluded.copies
            """,
            parameters,
        )
        cursor.execute(
            f"""
            SELECT feed_id FROM {_LENGTH}
            WHERE copies > %s - feed_id * {_SPREAD} %% %s
              AND feed_id IN (SELECT feed_id FROM ({sent}) sent)
            """,
            [conf.feed_length(), slack() + 1, *parameters],
        )
        keys = [key for (key,) in cursor.fetchall()]
    return [(key, newest) for key in keys if (newest := _look_at(key))]


def _look_at(key):
    """Count the copies in a feed; return the newest that is to leave if there are too many."""
    limit = conf.feed_length() - key * _SPREAD % (slack() + 1)
    copies = copies_in(key)
    held = copies.count()
    kept = min(held, limit if held <= limit else limit - slack())
    FeedLength.objects.filter(pk=key).update(copies=kept)
    leaving = copies.order_by("-activity_id").values_list("activity_id", flat=True)
    return leaving[kept] if held > limit else None


def copies_in(key):
    """Return the entries that a feed holds because it follows others."""
    return FeedEntry.objects.filter(feed=key).exclude(origin=key)


def forget(keys):
    """Forget what was noted of feeds that are no more."""
    FeedLength.objects.filter(pk__in=keys)._raw_delete(connection.alias)

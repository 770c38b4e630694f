"""Limits on the copies in a feed: activities that came by fan-out or by following.

FeedLength has an upper bound of the copies in each feed. When it exceeds the feed's limit, the
copies are counted and the oldest are removed (`feedserver.entries`): some more than necessary, so
that the next count is not due soon. Limits differ slightly between feeds, so that feeds with the
same sources are not all counted by the same write.
"""

from collections import Counter

from django.db import connection

from feedserver import conf
from feedserver.models import FeedEntry, FeedLength
from feedserver.sql import FOLLOW, inline_table

_LENGTH = FeedLength._meta.db_table
# Feeds with a limit this low are counted on every write, and keep exactly their limit.
SHORT = 100
# Spreads the keys of feeds over the possible limits.
_SPREAD = 7919


def slack():
    """Return the range of the limits, which is also how far below its limit a feed is trimmed."""
    return max(0, conf.feed_length() - SHORT) // 20


def count_fan_out(additions):
    """Add the copies that followers receive from `additions`: pairs of an activity and its feeds.

    Return the feeds that have too many copies now, as pairs of a key and the id of the newest
    activity to remove: all older ones go with it.
    """
    numbers = Counter(feed.pk for _, feeds in additions for feed in feeds)
    columns = {"target_id": "bigint", "number": "bigint"}
    sent, parameters = inline_table("sent", columns, sorted(numbers.items()))
    copies = f"""
        SELECT follow.source_id AS feed_id, SUM(sent.number) AS copies
        FROM {sent} CROSS JOIN {FOLLOW} follow WHERE follow.target_id = sent.target_id
        GROUP BY follow.source_id"""
    return _add_copies(copies, parameters)


def count_follows(numbers):
    """Add the copies that feeds (by their keys) receive; return the same as `count_fan_out`."""
    columns = {"feed_id": "bigint", "copies": "bigint"}
    sent, parameters = inline_table("sent", columns, sorted(numbers.items()))
    return _add_copies(f"SELECT feed_id, copies FROM {sent}", parameters)


def _add_copies(sent, parameters):
    """Add the rows of `sent`, a query, to the lengths of feeds, which are locked by key."""
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
    return [(key, newest) for key in keys if (newest := _count_copies(key))]


def _count_copies(key):
    """Count the copies in a feed; return the newest one to remove if there are too many."""
    limit = conf.feed_length() - key * _SPREAD % (slack() + 1)
    copies = copies_in(key)
    count = copies.count()
    kept = min(count, limit if count <= limit else limit - slack())
    FeedLength.objects.filter(pk=key).update(copies=kept)
    newest_first = copies.order_by("-activity_id").values_list("activity_id", flat=True)
    return newest_first[kept] if count > limit else None


def copies_in(key):
    """Return the entries of a feed that came from feeds it follows."""
    return FeedEntry.objects.filter(feed=key).exclude(origin=key)


def delete_lengths(keys):
    """Delete the lengths of feeds that are being deleted."""
    FeedLength.objects.filter(pk__in=keys)._raw_delete(connection.alias)

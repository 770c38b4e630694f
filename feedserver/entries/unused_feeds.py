"""Deletion of feeds that are empty and have no follows."""

from django.db import connection
from django.db.models import Exists, OuterRef

from feedserver import feed_lengths
from feedserver.models import ActivityGroup, Feed, FeedEntry, Follow


def delete_unused_feeds(feeds):
    """Delete those of `feeds` without entries, copies elsewhere, groups and follows.

    To clients a feed without a row is an empty feed. So no row remains of a user who is gone.
    """
    # Each condition looks up one row of an index: a join would read all entries.
    used = [
        Exists(rows.filter(**{field: OuterRef("pk")}))
        for rows, field in (
            (FeedEntry.objects, "feed"),
            (FeedEntry.objects, "origin"),
            (ActivityGroup.objects, "feed"),
            (Follow.objects, "source"),
            (Follow.objects, "target"),
        )
    ]
    unused = Feed.objects.filter(
        *(~condition for condition in used), pk__in=[feed.pk for feed in feeds]
    )
    keys = list(unused.values_list("pk", flat=True))
    feed_lengths.delete_lengths(keys)
    Feed.objects.filter(pk__in=keys)._raw_delete(connection.alias)

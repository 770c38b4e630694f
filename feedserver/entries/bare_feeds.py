"""Feeds that nobody can tell from feeds which never were."""

from django.db import connection
from django.db.models import Exists, OuterRef

from feedserver import lengths
from feedserver.models import ActivityGroup, Feed, FeedEntry, Follow


def forget_bare_feeds(feeds):
    """Delete those of `feeds` that hold nothing, are held nowhere, follow none and none follow.

    A feed without a row is an empty one, so nobody can tell; and nothing is left of who is gone.
    """
    # Each asks an index for one row: a join would read all that a feed holds.
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
    bare = Feed.objects.filter(*(~one for one in used), pk__in=[feed.pk for feed in feeds])
    keys = list(bare.values_list("pk", flat=True))
    lengths.forget(keys)
    Feed.objects.filter(pk__in=keys)._raw_delete(connection.alias)

"""Self-follows for whatever was made without one: older databases, fixtures, bulk imports."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection
from follows.models import CollectionFollow, Follow

BATCH = 500


class Backfill:
    """The rows of `model` that nobody follows as their own, and the follows they get.

    Batches go by primary key and commit one by one, so whoever stops it loses one batch at most.
    """

    def __init__(self, model, followers, target, owner):
        self.model, self.followers, self.target, self.owner = model, followers, target, owner

    def missing(self):
        """Return the rows without a self-follow."""
        own = self.followers.objects.filter(**{self.target: OuterRef("pk"), "is_self": True})
        return self.model.objects.exclude(Exists(own))

    def batches(self):
        """Make the missing follows; yield how many, batch by batch."""
        last = 0
        while rows := self.next_rows(last):
            with transaction.atomic():
                self.make(rows)
            last = rows[-1][0]
            yield len(rows)

    def next_rows(self, last):
        """Return pairs of primary key and owner of the next rows behind the key `last`."""
        missing = self.missing().filter(pk__gt=last).order_by("pk")
        return list(missing.values_list("pk", self.owner)[:BATCH])

    def make(self, rows):
        column = f"{self.target}_id"
        self.followers.objects.bulk_create(
            [self.followers(follower_id=owner, **{column: pk}, is_self=True) for pk, owner in rows],
            ignore_conflicts=True,
        )
        made = self.followers.objects.filter(
            **{f"{column}__in": [pk for pk, _owner in rows]}, is_self=True
        )
        feed_manager.followed(made, at_once=False)


PEOPLE = Backfill(get_user_model(), Follow, "followed", "pk")
COLLECTIONS = Backfill(Collection, CollectionFollow, "collection", "author_id")

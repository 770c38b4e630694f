"""Self-follows for rows without one, from older databases, fixtures and bulk imports."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef
from stream_django.feed_manager import feed_manager

from collections_app.models import Collection
from follows.models import CollectionFollow, Follow
from transactions.batches import by_key

BATCH_SIZE = 500


class Backfill:
    """Creates the missing self-follows `follow_model` of the rows of `model`.

    Each batch is a transaction, so that an interrupted command loses one batch at most.
    """

    def __init__(self, model, follow_model, target_field, owner_field):
        self.model, self.follow_model = model, follow_model
        self.target_field, self.owner_field = target_field, owner_field

    def missing(self):
        """Return the rows without a self-follow."""
        own = self.follow_model.objects.filter(
            **{self.target_field: OuterRef("pk"), "is_self": True}
        )
        return self.model.objects.exclude(Exists(own))

    def batches(self):
        """Create the missing follows; yield the size of each batch."""
        for rows in by_key(self.missing().only("pk", self.owner_field), BATCH_SIZE):
            self.create_follows(rows)
            yield len(rows)

    @transaction.atomic
    def create_follows(self, rows):
        """Create the self-follows of `rows` and queue them for the feeds."""
        column = f"{self.target_field}_id"
        owners = {row.pk: getattr(row, self.owner_field) for row in rows}
        self.follow_model.objects.bulk_create(
            [
                self.follow_model(follower_id=owner, **{column: pk}, is_self=True)
                for pk, owner in owners.items()
            ],
            ignore_conflicts=True,
        )
        created = self.follow_model.objects.filter(**{f"{column}__in": owners}, is_self=True)
        feed_manager.followed(created, at_once=False)


PEOPLE = Backfill(get_user_model(), Follow, "followed", "pk")
COLLECTIONS = Backfill(Collection, CollectionFollow, "collection", "author_id")

"""Deletion of expired rows by the writes that add new ones, so that no periodic job is needed."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone


def delete_expired(oldest_first, field, *, days, limit):
    """Delete up to `limit` rows of `oldest_first` whose time `field` is more than `days` ago.

    Rows that a concurrent call is deleting are skipped, so nobody waits.
    """
    before = timezone.now() - timedelta(days=days)
    rows = oldest_first.values_list("pk", field)[:limit]
    expired = oldest_first.model.objects.filter(pk__in=[key for key, time in rows if time < before])
    locked = list(expired.select_for_update(skip_locked=True).values_list("pk", flat=True))
    expired.model.objects.filter(pk__in=locked)._raw_delete(connection.alias)

"""Which activities were here once and were removed: what comes back is no news.

Only ids are kept, and only where a group asks for them (`returning_seen`).
"""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from feedserver import conf
from feedserver.groups import known_groups
from feedserver.models import RemovedActivity

# How many more each removal may drop than it writes: so the table shrinks to what is to be kept.
_DROPPED_TOO = 100


def remember(activity_ids):
    """Keep the ids of activities that no feed holds any longer, and drop some that are too old."""
    if activity_ids and any(group.returning_seen for group in known_groups()):
        now = timezone.now()
        RemovedActivity.objects.bulk_create(
            [RemovedActivity(id=key, removed_at=now) for key in sorted(activity_ids)],
            batch_size=500,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["removed_at"],
        )
        _drop_old(now - timedelta(days=conf.remember_days()), len(activity_ids) + _DROPPED_TOO)


def _drop_old(before, most):
    # Whoever removes something at the same time drops others, and waits for nobody.
    old = RemovedActivity.objects.filter(removed_at__lt=before).order_by("removed_at")
    locked = old.select_for_update(skip_locked=True).values_list("pk", flat=True)
    keys = list(locked[:most])
    if keys:
        RemovedActivity.objects.filter(pk__in=keys)._raw_delete(connection.alias)


def returning(groups, activities):
    """Return the ids of those of `activities` that come back, if any of `groups` asks for that."""
    if not any(group.returning_seen for group in groups):
        return set()
    known = RemovedActivity.objects.filter(pk__in=[activity.pk for activity in activities])
    return set(known.values_list("pk", flat=True))

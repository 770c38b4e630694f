"""Which activities were here once and were removed: what comes back is no news.

Only ids are kept, and only where a group asks for them (`returning_seen`).
"""

from django.utils import timezone

from feedserver import conf
from feedserver.expiry import drop_old
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
        oldest = RemovedActivity.objects.order_by("removed_at")
        most = len(activity_ids) + _DROPPED_TOO
        drop_old(oldest, "removed_at", days=conf.remember_days(), most=most)


def returning(groups, activities):
    """Return the ids of those of `activities` that come back, if any of `groups` asks for that."""
    if not any(group.returning_seen for group in groups):
        return set()
    known = RemovedActivity.objects.filter(pk__in=[activity.pk for activity in activities])
    return set(known.values_list("pk", flat=True))

"""The ids of removed activities, so that one that returns is not news.

They are kept only if a group has the option `returning_seen`.
"""

from django.utils import timezone

from feedserver import conf
from feedserver.expiry import delete_expired
from feedserver.groups import configured_groups
from feedserver.models import RemovedActivity

# Each removal may delete so many rows more than it inserts, so that the table shrinks.
_EXTRA_DELETIONS = 100


def remember(activity_ids):
    """Keep the ids of activities that no feed holds any longer, and delete some expired ones."""
    if activity_ids and any(group.returning_seen for group in configured_groups()):
        now = timezone.now()
        RemovedActivity.objects.bulk_create(
            [RemovedActivity(id=key, removed_at=now) for key in sorted(activity_ids)],
            batch_size=500,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["removed_at"],
        )
        oldest_first = RemovedActivity.objects.order_by("removed_at")
        limit = len(activity_ids) + _EXTRA_DELETIONS
        delete_expired(oldest_first, "removed_at", days=conf.remember_days(), limit=limit)


def find_returning(groups, activities):
    """Return the ids of `activities` that were removed before, if any of `groups` needs them."""
    if not any(group.returning_seen for group in groups):
        return set()
    rows = RemovedActivity.objects.filter(pk__in=[activity.pk for activity in activities])
    return set(rows.values_list("pk", flat=True))

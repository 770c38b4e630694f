"""The counts, newest and oldest activities of groups, and the locks that make them exact."""

from django.db import connection

from feedserver.database import in_batches
from feedserver.models import FeedEntry
from feedserver.sql import ACTIVITY, ENTRY, GROUP, execute, placeholders

_BATCH_SIZE = 500


def recount_groups_of(activities):
    """Recount every group that holds one of `activities`."""
    recount(
        FeedEntry.objects.filter(activity__in=activities, group__isnull=False)
        .values_list("group_id", flat=True)
        .distinct()
    )


def recount(group_ids):
    """Lock and recount groups, in batches."""
    for batch in in_batches(group_ids, _BATCH_SIZE):
        lock_groups(placeholders(batch), batch)
        set_counts(placeholders(batch), batch)


def set_counts(groups, group_parameters, condition="TRUE", parameters=()):
    """Recount `groups`, of the entries that meet a condition: both are SQL with parameters."""
    entries = entries_of_group(condition)
    join = f"JOIN {ACTIVITY} activity ON activity.id = entry.activity_id"
    execute(
        f"""
        UPDATE {GROUP} SET
            activity_count = (SELECT COUNT(DISTINCT entry.activity_id) {entries}),
            actor_count = (
                SELECT COUNT(DISTINCT activity.actor) {entries_of_group(condition, join)}
            ),
            newest = (SELECT entry.activity_id {entries} ORDER BY entry.activity_id DESC LIMIT 1),
            oldest = (SELECT entry.activity_id {entries} ORDER BY entry.activity_id LIMIT 1)
        WHERE id IN ({groups})
        """,
        [*parameters, *parameters, *parameters, *parameters, *group_parameters],
    )


def entries_of_group(condition, join=""):
    """Return SQL for the entries of the group of the outer statement that meet a condition."""
    return f"FROM {ENTRY} entry {join} WHERE entry.group_id = {GROUP}.id AND {condition}"


def other_entries_of_actor(count=1):
    """Return SQL for an actor's entries in a group other than `count` activities.

    Its parameters are the actor and the activities.
    """
    # A subquery, used within CASE: PostgreSQL then looks up one index for each group. With a join
    # it reads all entries of an activity or an actor while new tables have no statistics.
    actor = f"(SELECT actor FROM {ACTIVITY} activity WHERE activity.id = entry.activity_id)"
    is_other = f"entry.activity_id NOT IN ({placeholders(range(count))})"
    return f"SELECT 1 {entries_of_group(f'{actor} = %s AND {is_other}')}"


def lock_groups_of(activity_ids):
    """Lock all groups that hold one of these activities."""
    groups = f"""
        SELECT entry.group_id FROM {ENTRY} entry
        WHERE entry.activity_id IN ({placeholders(activity_ids)}) AND entry.group_id IS NOT NULL"""
    lock_groups(groups, activity_ids)


def lock_groups(group_ids, parameters):
    """Lock groups, so that the next statement counts what concurrent transactions committed."""
    if connection.features.has_select_for_update:
        # Python sorts names by code point, so the database must too, whatever its collation.
        execute(
            f"""
            SELECT COUNT(*) FROM (
                SELECT id FROM {GROUP} WHERE id IN ({group_ids})
                ORDER BY name COLLATE "C", feed_id FOR UPDATE
            ) locked
            """,
            parameters,
        )

"""What groups say of the activities in them, counted anew; and waiting for who else changes it."""

from django.db import connection

from feedserver.database import in_parts
from feedserver.models import FeedEntry
from feedserver.sql import ACTIVITY, ENTRY, GROUP, execute, marks


def recount_groups_of(activities):
    """Count anew the actors of every group that holds one of `activities`."""
    recount(
        FeedEntry.objects.filter(activity__in=activities, group__isnull=False)
        .values_list("group_id", flat=True)
        .distinct()
    )


def recount(group_ids):
    """Count anew all that groups say, in parts of so many groups."""
    for some in in_parts(group_ids, 500):
        lock_groups(marks(some), some)
        set_counts(marks(some), some)


def set_counts(groups, those, stays="TRUE", staying=()):
    """Count anew what of `groups` stays: two conditions in SQL, each with its parameters."""
    held = entries_of_group(stays)
    actors = entries_of_group(stays, f"JOIN {ACTIVITY} activity ON activity.id = entry.activity_id")
    execute(
        f"""
        UPDATE {GROUP} SET
            activity_count = (SELECT COUNT(DISTINCT entry.activity_id) {held}),
            actor_count = (SELECT COUNT(DISTINCT activity.actor) {actors}),
            newest = (SELECT entry.activity_id {held} ORDER BY entry.activity_id DESC LIMIT 1),
            oldest = (SELECT entry.activity_id {held} ORDER BY entry.activity_id LIMIT 1)
        WHERE id IN ({groups})
        """,
        [*staying, *staying, *staying, *staying, *those],
    )


def entries_of_group(condition, join=""):
    """SQL: from the entries of the group of the statement around it that meet a condition."""
    return f"FROM {ENTRY} entry {join} WHERE entry.group_id = {GROUP}.id AND {condition}"


def held_by_actor(count=1):
    """SQL: what an actor has in a group besides `count` activities; takes the actor and these."""
    # Not a join, and within CASE: so PostgreSQL asks one index per group, and does not, while it
    # knows nothing of new tables, go through all that hold an activity or an actor.
    actor = f"(SELECT actor FROM {ACTIVITY} activity WHERE activity.id = entry.activity_id)"
    apart = f"entry.activity_id NOT IN ({marks(range(count))})"
    return f"SELECT 1 {entries_of_group(f'{actor} = %s AND {apart}')}"


def wait_for_groups_of(keys):
    """Wait for whoever takes one of these activities out of a group, or counts it out."""
    holding = f"""
        SELECT entry.group_id FROM {ENTRY} entry
        WHERE entry.activity_id IN ({marks(keys)}) AND entry.group_id IS NOT NULL"""
    lock_groups(holding, keys)


def lock_groups(group_ids, parameters):
    """Wait for whoever changes these groups, so that what is counted next is all there is."""
    if connection.features.has_select_for_update:
        # Names in the order that Python has, whatever the database's language.
        execute(
            f"""
            SELECT COUNT(*) FROM (
                SELECT id FROM {GROUP} WHERE id IN ({group_ids})
                ORDER BY name COLLATE "C", feed_id FOR UPDATE
            ) locked
            """,
            parameters,
        )

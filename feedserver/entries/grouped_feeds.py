"""Entries of aggregated and notification feeds, with the counts and marks of their groups."""

from dataclasses import dataclass

from feedserver.entries.group_counts import lock_groups_of, other_entries_of_actor, recount
from feedserver.models import FeedEntry
from feedserver.sql import ENTRY, FEED, FOLLOW, GROUP, db_id, execute, placeholders


@dataclass(frozen=True)
class _Batch:
    """Activities that are added to the group `name` of each of their recipients.

    `activity_ids` are in order; `recipients` is SQL with parameters.
    """

    name: str
    activity_ids: list
    actor: str
    recipients: str
    parameters: list

    @property
    def size(self):
        """Return the number of activities."""
        return len(self.activity_ids)

    @property
    def is_new(self):
        """Return an SQL condition that a recipient holds none of them; takes `activity_ids`."""
        return f"""
            NOT EXISTS (
                SELECT 1 FROM {ENTRY} entry
                WHERE entry.feed_id = recipient.feed_id
                  AND entry.activity_id IN ({placeholders(self.activity_ids)})
            )"""


def add_to_groups(name, group, activities, feeds, *, fan_out, is_returning, is_grouped):
    """Add `activities` to the feeds of `group` among `feeds` and, with `fan_out`, to followers.

    `activities` is one activity, which may be in a group already (`is_grouped`), or several by one
    actor that are in none. Counts change by the difference, and only in feeds that did not hold the
    activities before: the caller has locked them, so concurrent writes of the same ones wait.
    """
    recipients, parameters = _recipients(group, feeds, fan_out)
    activity_ids = [db_id(pk) for pk in sorted(activity.pk for activity in activities)]
    batch = _Batch(name, activity_ids, activities[0].actor, recipients, parameters)
    regrouped = []
    if is_grouped:
        regrouped = _current_groups(activities, [row for row in feeds if row.slug == group.slug])
        lock_groups_of(activity_ids)
    _upsert_groups(batch, *_mark(group, batch.actor, is_returning))
    # A separate statement: it sees what was committed while the one before waited for groups.
    _count_actors(batch)
    _insert_entries(batch)
    recount(regrouped)


def _current_groups(activities, feeds):
    """Return the keys of the groups that hold activities in feeds they are added to again."""
    if not feeds:
        return []
    entries = FeedEntry.objects.filter(activity__in=activities, feed__in=feeds, group__isnull=False)
    return list(entries.values_list("group_id", flat=True).distinct())


def _recipients(group, feeds, fan_out):
    # No feed has the key 0: without fan-out nobody follows it.
    followed = [feed.pk for feed in feeds] if fan_out else [0]
    recipients = f"""
        SELECT feed.id AS feed_id, feed.id AS origin_id, feed.user_id
        FROM {FEED} feed WHERE feed.id IN ({placeholders(feeds)}) AND feed.slug = %s
        UNION ALL
        SELECT follow.source_id, follow.target_id, feed.user_id
        FROM {FOLLOW} follow JOIN {FEED} feed ON feed.id = follow.source_id
        WHERE follow.target_id IN ({placeholders(followed)}) AND feed.slug = %s
        """
    return recipients, [*(feed.pk for feed in feeds), group.slug, *followed, group.slug]


def _mark(group, actor, is_returning):
    """Return SQL for whether an activity by `actor` is added seen and read, and its parameters."""
    if not group.has_marks:
        return "NULL", []
    if group.returning_seen and is_returning:
        return "TRUE", []
    if group.own_seen:
        return "(%s = 'SU:' || recipient.user_id)", [actor]
    return "FALSE", []


def _upsert_groups(batch, mark, mark_parameters):
    """Insert missing groups, and add to the activity counts of the others."""
    execute(
        f"""
        INSERT INTO {GROUP}
            (feed_id, name, newest, oldest, activity_count, actor_count, is_seen, is_read)
        SELECT recipient.feed_id, %s, %s, %s, {batch.size}, 1, {mark}, {mark}
        FROM ({batch.recipients}) recipient
        WHERE {batch.is_new}
        GROUP BY recipient.feed_id, recipient.user_id
        ORDER BY recipient.feed_id
        ON CONFLICT (feed_id, name) DO UPDATE SET
            activity_count = {GROUP}.activity_count + {batch.size},
            newest = CASE WHEN excluded.newest > {GROUP}.newest
                THEN excluded.newest ELSE {GROUP}.newest END,
            oldest = CASE WHEN excluded.oldest < {GROUP}.oldest
                THEN excluded.oldest ELSE {GROUP}.oldest END,
            is_seen = CASE WHEN excluded.is_seen THEN {GROUP}.is_seen ELSE excluded.is_seen END,
            is_read = CASE WHEN excluded.is_read THEN {GROUP}.is_read ELSE excluded.is_read END
        """,
        [
            *[batch.name, batch.activity_ids[-1], batch.activity_ids[0]],
            *[*mark_parameters, *mark_parameters, *batch.parameters, *batch.activity_ids],
        ],
    )


def _count_actors(batch):
    """Add one to the actor counts of existing groups without another activity by this actor."""
    execute(
        f"""
        UPDATE {GROUP} SET actor_count = actor_count + 1
        WHERE name = %s AND activity_count > {batch.size}
          AND feed_id IN (
              SELECT recipient.feed_id FROM ({batch.recipients}) recipient WHERE {batch.is_new}
          )
          AND CASE WHEN EXISTS ({other_entries_of_actor(batch.size)}) THEN 0 ELSE 1 END = 1
        """,
        [
            *[batch.name, *batch.parameters, *batch.activity_ids],
            *[batch.actor, *batch.activity_ids],
        ],
    )


def _insert_entries(batch):
    """Insert the entries: in an activity's present group if it has one, or in the named group."""
    added = " UNION ALL ".join(["SELECT %s AS activity_id"] * batch.size)
    execute(
        f"""
        INSERT INTO {ENTRY} (feed_id, activity_id, origin_id, group_id)
        SELECT recipient.feed_id, added.activity_id, recipient.origin_id, COALESCE(
            (
                SELECT entry.group_id FROM {ENTRY} entry
                WHERE entry.feed_id = recipient.feed_id
                  AND entry.activity_id = added.activity_id LIMIT 1
            ),
            activity_group.id
        )
        FROM ({batch.recipients}) recipient
        CROSS JOIN ({added}) added
        LEFT JOIN {GROUP} activity_group
            ON activity_group.feed_id = recipient.feed_id AND activity_group.name = %s
        WHERE TRUE
        ON CONFLICT DO NOTHING
        """,
        [*batch.parameters, *batch.activity_ids, batch.name],
    )

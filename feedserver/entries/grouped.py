"""Activities enter the groups of aggregated feeds, with their counts and marks."""

from dataclasses import dataclass

from feedserver.entries.group_counts import held_by_actor, recount, wait_for_groups_of
from feedserver.models import FeedEntry
from feedserver.sql import ENTRY, FEED, FOLLOW, GROUP, execute, key, marks


@dataclass(frozen=True)
class _Arrival:
    """Activities, in the order of `keys`, on their way into the group `name` of their recipients.

    SQL with parameters.
    """

    name: str
    keys: list
    actor: str
    recipients: str
    among: list

    @property
    def count(self):
        return len(self.keys)

    @property
    def is_new(self):
        """SQL: whether a recipient holds none of them; takes the keys."""
        return f"""
            NOT EXISTS (
                SELECT 1 FROM {ENTRY} entry
                WHERE entry.feed_id = recipient.feed_id
                  AND entry.activity_id IN ({marks(self.keys)})
            )"""


def into_groups(name, group, activities, feeds, *, fan_out, is_back, is_held):
    """Add `activities` to every feed of `group` among `feeds` and, if it fans out, their followers.

    They are one, or several by one actor that no group holds yet; `is_held` tells whether one does.
    Counts are changed by the difference, and only in feeds that did not hold them yet: whatever
    adds the same activity at the same time waits for its row.
    """
    recipients, among = _recipients(group, feeds, fan_out)
    keys = [key(pk) for pk in sorted(activity.pk for activity in activities)]
    arrival = _Arrival(name, keys, activities[0].actor, recipients, among)
    standing = []
    if is_held:
        standing = _groups_of_added(activities, [row for row in feeds if row.slug == group.slug])
        wait_for_groups_of(keys)
    _open_groups(arrival, *_mark(group, arrival.actor, is_back))
    # A statement of its own: it sees what was committed while the one before waited for groups.
    _count_actors(arrival)
    _enter(arrival)
    recount(standing)


def _groups_of_added(activities, feeds):
    """Return the groups of activities in feeds that these were added to before: counted anew."""
    if not feeds:
        return []
    held = FeedEntry.objects.filter(activity__in=activities, feed__in=feeds, group__isnull=False)
    return list(held.values_list("group_id", flat=True).distinct())


def _recipients(group, feeds, fan_out):
    # No feed has the key 0: it stands for "none is followed".
    followed = [feed.pk for feed in feeds] if fan_out else [0]
    recipients = f"""
        SELECT feed.id AS feed_id, feed.id AS origin_id, feed.user_id
        FROM {FEED} feed WHERE feed.id IN ({marks(feeds)}) AND feed.slug = %s
        UNION ALL
        SELECT follow.source_id, follow.target_id, feed.user_id
        FROM {FOLLOW} follow JOIN {FEED} feed ON feed.id = follow.source_id
        WHERE follow.target_id IN ({marks(followed)}) AND feed.slug = %s
        """
    return recipients, [*(feed.pk for feed in feeds), group.slug, *followed, group.slug]


def _mark(group, actor, is_back):
    """SQL: whether what `actor` did enters a group seen and read, and its parameters."""
    if not group.has_marks:
        return "NULL", []
    if group.returning_seen and is_back:
        return "TRUE", []
    if group.own_seen:
        return "(%s = 'SU:' || recipient.user_id)", [actor]
    return "FALSE", []


def _open_groups(arrival, mark, mark_parameters):
    """Make the groups that are not there yet, and count so many more in the others."""
    execute(
        f"""
        INSERT INTO {GROUP}
            (feed_id, name, newest, oldest, activity_count, actor_count, is_seen, is_read)
        SELECT recipient.feed_id, %s, %s, %s, {arrival.count}, 1, {mark}, {mark}
        FROM ({arrival.recipients}) recipient
        WHERE {arrival.is_new}
        GROUP BY recipient.feed_id, recipient.user_id
        ORDER BY recipient.feed_id
        ON CONFLICT (feed_id, name) DO UPDATE SET
            activity_count = {GROUP}.activity_count + {arrival.count},
            newest = CASE WHEN excluded.newest > {GROUP}.newest
                THEN excluded.newest ELSE {GROUP}.newest END,
            oldest = CASE WHEN excluded.oldest < {GROUP}.oldest
                THEN excluded.oldest ELSE {GROUP}.oldest END,
            is_seen = CASE WHEN excluded.is_seen THEN {GROUP}.is_seen ELSE excluded.is_seen END,
            is_read = CASE WHEN excluded.is_read THEN {GROUP}.is_read ELSE excluded.is_read END
        """,
        [
            *[arrival.name, arrival.keys[-1], arrival.keys[0]],
            *[*mark_parameters, *mark_parameters, *arrival.among, *arrival.keys],
        ],
    )


def _count_actors(arrival):
    """Count one actor more in the groups that were there and have nothing else by this one."""
    execute(
        f"""
        UPDATE {GROUP} SET actor_count = actor_count + 1
        WHERE name = %s AND activity_count > {arrival.count}
          AND feed_id IN (
              SELECT recipient.feed_id FROM ({arrival.recipients}) recipient WHERE {arrival.is_new}
          )
          AND CASE WHEN EXISTS ({held_by_actor(arrival.count)}) THEN 0 ELSE 1 END = 1
        """,
        [arrival.name, *arrival.among, *arrival.keys, arrival.actor, *arrival.keys],
    )


def _enter(arrival):
    """Let the recipients hold them, in the group where they do already or in that of its name."""
    added = " UNION ALL ".join(["SELECT %s AS activity_id"] * arrival.count)
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
        FROM ({arrival.recipients}) recipient
        CROSS JOIN ({added}) added
        LEFT JOIN {GROUP} activity_group
            ON activity_group.feed_id = recipient.feed_id AND activity_group.name = %s
        WHERE TRUE
        ON CONFLICT DO NOTHING
        """,
        [*arrival.among, *arrival.keys, arrival.name],
    )

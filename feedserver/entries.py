"""Which feed holds which activity, and the groups of aggregated feeds, in set-based SQL.

Every function here runs in its caller's transaction, with the feeds that are written to locked
(`feedserver.database`). Fan-out never locks followers: what it may change of theirs is their
groups, always in the order of names and feeds, so that two that meet wait rather than deadlock.
"""

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from feedserver import lengths
from feedserver.aggregation import group_name
from feedserver.database import in_parts
from feedserver.groups import get_group, known_groups
from feedserver.models import Activity, ActivityGroup, Feed, FeedEntry, Follow
from feedserver.removed import returning

_ENTRY = FeedEntry._meta.db_table
_GROUP = ActivityGroup._meta.db_table
_ACTIVITY = Activity._meta.db_table
_FOLLOW = Follow._meta.db_table
_FEED = Feed._meta.db_table
# Keys in one query: well below what any SQLite takes.
_ACTIVITIES_AT_ONCE = 10_000


def distribute(held, *, fan_out=True):
    """Add activities to feeds and, if they fan out, to all that follow these, one level.

    `held` is a list of pairs: an activity, and the feeds (rows) that it is added to.
    """
    aggregating = [group for group in known_groups() if group.aggregates]
    _into_flat_feeds(held, aggregating, fan_out)
    reached = [group for group in aggregating if _reaches(group, held, fan_out)]
    named = [
        (group_name(group, activity), group, activity, feeds)
        for activity, feeds in held
        for group in reached
    ]
    back = returning(reached, [activity for activity, _feeds in held])
    for name, group, activity, feeds in sorted(named, key=lambda row: (row[0], row[1].slug)):
        _into_groups(name, group, activity, feeds, fan_out=fan_out, is_back=activity.pk in back)
    if fan_out:
        shorten(lengths.note_fan_out(held))


def _into_flat_feeds(held, aggregating, fan_out):
    slugs = {group.slug for group in aggregating}
    direct = {
        (feed.pk, activity.pk)
        for activity, feeds in held
        for feed in feeds
        if feed.slug not in slugs
    }
    FeedEntry.objects.bulk_create(
        [
            FeedEntry(feed_id=feed, activity_id=activity, origin_id=feed)
            for feed, activity in sorted(direct)
        ],
        ignore_conflicts=True,
    )
    # Not every one of these activities was added to every one of these feeds.
    added = {}
    for activity, feeds in held if fan_out else []:
        flat = frozenset(feed.pk for feed in feeds if feed.slug not in slugs)
        added.setdefault(flat, []).append(activity.pk)
    for feeds, activities in added.items():
        if feeds:
            _copy_to_flat_followers(feeds, activities, slugs | {""})


def _copy_to_flat_followers(feeds, activities, aggregating):
    _execute(
        f"""
        INSERT INTO {_ENTRY} (feed_id, activity_id, origin_id)
        SELECT follow.source_id, entry.activity_id, entry.origin_id
        FROM {_ENTRY} entry
        JOIN {_FOLLOW} follow ON follow.target_id = entry.origin_id
        JOIN {_FEED} feed ON feed.id = follow.source_id
        WHERE entry.feed_id = entry.origin_id
          AND entry.feed_id IN ({_marks(feeds)})
          AND entry.activity_id IN ({_marks(activities)})
          AND feed.slug NOT IN ({_marks(aggregating)})
        ON CONFLICT DO NOTHING
        """,
        [*feeds, *map(_key, activities), *aggregating],
    )


def _reaches(group, held, fan_out):
    """Whether any of the feeds in `held` is of `group`, or fans out to one that is."""
    feeds = {feed.pk: feed for _, feeds in held for feed in feeds}
    return any(feed.slug == group.slug for feed in feeds.values()) or (
        fan_out and Follow.objects.filter(target__in=feeds, source__slug=group.slug).exists()
    )


def _into_groups(name, group, activity, feeds, *, fan_out, is_back):
    """Add `activity` to every feed of `group` among `feeds` and, if it fans out, their followers.

    Counts are changed by the difference, and only in feeds that did not hold the activity yet:
    whatever adds the same activity at the same time waits for its row.
    """
    # No feed has the key 0: it stands for "none is followed".
    followed = [feed.pk for feed in feeds] if fan_out else [0]
    recipients = f"""
        SELECT feed.id AS feed_id, feed.id AS origin_id, feed.user_id
        FROM {_FEED} feed WHERE feed.id IN ({_marks(feeds)}) AND feed.slug = %s
        UNION ALL
        SELECT follow.source_id, follow.target_id, feed.user_id
        FROM {_FOLLOW} follow JOIN {_FEED} feed ON feed.id = follow.source_id
        WHERE follow.target_id IN ({_marks(followed)}) AND feed.slug = %s
        """
    among = [*(feed.pk for feed in feeds), group.slug, *followed, group.slug]
    key = _key(activity.pk)
    is_new = f"""
        NOT EXISTS (
            SELECT 1 FROM {_ENTRY} entry
            WHERE entry.feed_id = recipient.feed_id AND entry.activity_id = %s
        )"""
    mark, mark_parameters = _mark(group, activity, is_back)
    # A feed may hold it already, and be about to lose it: then it enters anew, or stays.
    holding = f"""
        SELECT entry.group_id FROM {_ENTRY} entry
        WHERE entry.activity_id = %s AND entry.group_id IS NOT NULL"""
    _lock_groups(holding, [key])
    _execute(
        f"""
        INSERT INTO {_GROUP}
            (feed_id, name, newest, oldest, activity_count, actor_count, is_seen, is_read)
        SELECT recipient.feed_id, %s, %s, %s, 1, 1, {mark}, {mark}
        FROM ({recipients}) recipient
        WHERE {is_new}
        GROUP BY recipient.feed_id, recipient.user_id
        ORDER BY recipient.feed_id
        ON CONFLICT (feed_id, name) DO UPDATE SET
            activity_count = {_GROUP}.activity_count + 1,
            newest = CASE WHEN excluded.newest > {_GROUP}.newest
                THEN excluded.newest ELSE {_GROUP}.newest END,
            oldest = CASE WHEN excluded.oldest < {_GROUP}.oldest
                THEN excluded.oldest ELSE {_GROUP}.oldest END,
            is_seen = CASE WHEN excluded.is_seen THEN {_GROUP}.is_seen ELSE excluded.is_seen END,
            is_read = CASE WHEN excluded.is_read THEN {_GROUP}.is_read ELSE excluded.is_read END
        """,
        [name, key, key, *mark_parameters, *mark_parameters, *among, key],
    )
    # A statement of its own: it sees what was committed while the one before waited for groups.
    _execute(
        f"""
        UPDATE {_GROUP} SET actor_count = actor_count + 1
        WHERE name = %s AND activity_count > 1
          AND feed_id IN (SELECT recipient.feed_id FROM ({recipients}) recipient WHERE {is_new})
          AND CASE WHEN EXISTS ({_held_by_actor()}) THEN 0 ELSE 1 END = 1
        """,
        [name, *among, key, activity.actor, key],
    )
    _execute(
        f"""
        INSERT INTO {_ENTRY} (feed_id, activity_id, origin_id, group_id)
        SELECT recipient.feed_id, %s, recipient.origin_id, COALESCE(
            (
                SELECT entry.group_id FROM {_ENTRY} entry
                WHERE entry.feed_id = recipient.feed_id AND entry.activity_id = %s LIMIT 1
            ),
            activity_group.id
        )
        FROM ({recipients}) recipient
        LEFT JOIN {_GROUP} activity_group
            ON activity_group.feed_id = recipient.feed_id AND activity_group.name = %s
        WHERE TRUE
        ON CONFLICT DO NOTHING
        """,
        [key, key, *among, name],
    )


def _held_by_actor():
    """SQL: what an actor has in a group besides one activity; takes the actor and the activity."""
    # Not a join, and within CASE: so PostgreSQL asks one index per group, and does not, while it
    # knows nothing of new tables, go through all that hold an activity or an actor.
    actor = f"(SELECT actor FROM {_ACTIVITY} activity WHERE activity.id = entry.activity_id)"
    return f"SELECT 1 {_entries_of_group(f'{actor} = %s AND entry.activity_id <> %s')}"


def _mark(group, activity, is_back):
    """SQL: whether an activity enters a group seen and read, and its parameters."""
    if not group.has_marks:
        return "NULL", []
    if group.returning_seen and is_back:
        return "TRUE", []
    if group.own_seen:
        return "(%s = 'SU:' || recipient.user_id)", [activity.actor]
    return "FALSE", []


def copy_history(source, limits):
    """Copy what was added to each feed of `limits` itself, the newest so many, into `source`."""
    group = get_group(source.slug)
    if group.aggregates:
        targets = list(limits.items())
        step = max(1, _ACTIVITIES_AT_ONCE // max(limits.values()))
        for start in range(0, len(targets), step):
            newest = dict(_newest_added(targets[start : start + step]))
            _copy_into_groups(group, source, newest)
        return
    for target, limit in limits.items():
        _execute(
            f"""
            INSERT INTO {_ENTRY} (feed_id, activity_id, origin_id)
            SELECT %s, entry.activity_id, entry.origin_id
            FROM {_ENTRY} entry
            WHERE entry.feed_id = %s AND entry.origin_id = %s
            ORDER BY entry.activity_id DESC LIMIT %s
            ON CONFLICT DO NOTHING
            """,
            [source.pk, target.pk, target.pk, limit],
        )


def _newest_added(limits):
    """Yield each feed with the keys of the newest activities that were added to it."""
    for target, limit in limits:
        added = FeedEntry.objects.filter(feed=target, origin=target).order_by("-activity_id")
        yield target, list(added.values_list("activity_id", flat=True)[:limit])


def _copy_into_groups(group, source, newest):
    """Copy `newest`, lists of keys of activities by the feed they come from, into `source`."""
    keys = {key for some in newest.values() for key in some}
    activities = list(Activity.objects.filter(pk__in=keys).order_by("-pk"))
    # The lock of a fan-out that brings one of these by another way at the same time.
    locked = Activity.objects.select_for_update(no_key=True)
    list(locked.filter(pk__in=[row.pk for row in activities]).order_by("pk"))
    held = FeedEntry.objects.filter(feed=source, activity__in=activities)
    _locked_groups(source, pk__in=held.values("group_id"))
    groups = dict(held.values_list("activity_id", "group_id"))
    named = {row.pk: group_name(group, row) for row in activities if row.pk not in groups}
    seen = _seen_on_entering(group, source, activities)
    entering = sorted(
        (row for row in activities if row.pk in named), key=lambda row: (named[row.pk], row.pk)
    )
    by_name = {}
    # Again, should one that was there have gone before it was locked.
    while by_name.keys() != set(named.values()):
        ActivityGroup.objects.bulk_create(
            [
                ActivityGroup(
                    feed=source,
                    name=named[row.pk],
                    newest=row.pk,
                    oldest=row.pk,
                    activity_count=1,
                    actor_count=1,
                    is_seen=seen(row),
                    is_read=seen(row),
                )
                for row in entering
            ],
            ignore_conflicts=True,
        )
        by_name = _locked_groups(source, name__in=set(named.values()))
    keyed = {key: by_name[name].pk for key, name in named.items()}
    _copy_entries(source, newest, {**keyed, **groups})
    if group.has_marks:
        news = [by_name[named[row.pk]].pk for row in entering if not seen(row)]
        ActivityGroup.objects.filter(pk__in=news).update(is_seen=False, is_read=False)
    _recount([row.pk for row in by_name.values()])


def _copy_entries(source, newest, groups):
    """Let `source` hold `newest`, each activity in the group that `groups` has for its key."""
    FeedEntry.objects.bulk_create(
        [
            FeedEntry(feed=source, activity_id=key, origin=target, group_id=groups[key])
            for target, some in newest.items()
            for key in some
            if key in groups
        ],
        ignore_conflicts=True,
    )


def _locked_groups(feed, **conditions):
    """Return groups of `feed` by name, locked in the order of their names."""
    rows = ActivityGroup.objects.select_for_update().filter(feed=feed, **conditions)
    return {row.name: row for row in rows.order_by("name")}


def _seen_on_entering(group, feed, activities):
    if not group.has_marks:
        return lambda activity: None
    back = returning([group], activities)
    return lambda activity: (
        activity.pk in back or (group.own_seen and activity.actor == f"SU:{feed.user_id}")
    )


def take_out(activity, feed, sources):
    """Remove what `feed` holds of `activity`, and what others hold because of `sources`.

    Counts are changed by the difference; a group that loses its only activity goes.
    """
    key = _key(activity.pk)
    # No feed has the key 0: it stands for "no source".
    origins = [0, *(source.pk for source in sources)]
    leaving = f"""
        SELECT entry.group_id FROM {_ENTRY} entry
        WHERE entry.activity_id = %s AND entry.group_id IS NOT NULL
        GROUP BY entry.group_id
        HAVING MIN(
            CASE WHEN entry.feed_id = %s OR entry.origin_id IN ({_marks(origins)})
            THEN 1 ELSE 0 END
        ) = 1"""
    left = [key, feed.pk, *origins]
    _lock_groups(leaving, left)
    _execute(f"DELETE FROM {_GROUP} WHERE activity_count = 1 AND id IN ({leaving})", left)
    _execute(
        f"""
        UPDATE {_GROUP} SET
            activity_count = activity_count - 1,
            actor_count = actor_count - CASE WHEN EXISTS ({_held_by_actor()}) THEN 0 ELSE 1 END,
            newest = CASE WHEN newest = %s THEN ({_outermost("DESC")}) ELSE newest END,
            oldest = CASE WHEN oldest = %s THEN ({_outermost("ASC")}) ELSE oldest END
        WHERE id IN ({leaving})
        """,
        [activity.actor, key, key, key, key, key, *left],
    )
    held = FeedEntry.objects.filter(activity=activity)
    held.filter(Q(feed=feed) | Q(origin__in=sources))._raw_delete(held.db)


def _outermost(direction):
    """SQL: the first or last activity of a group, one apart; takes that one."""
    others = _entries_of_group("entry.activity_id <> %s")
    return f"SELECT entry.activity_id {others} ORDER BY entry.activity_id {direction} LIMIT 1"


def purge(targets, sources):
    """Remove from `sources` (keys of feeds) what they hold because they followed `targets`."""
    of_targets = f"entry.origin_id IN ({_marks(targets)})"
    goes = f"{of_targets} AND entry.feed_id IN ({_marks(sources)})"
    _drop(goes, [*targets, *sources], f"NOT {of_targets}", targets)


def shorten(crowded):
    """Remove the oldest copies of feeds: pairs of a key and the newest activity that leaves."""
    for feed, newest in sorted(crowded):
        is_copy = "entry.origin_id <> entry.feed_id AND entry.activity_id <= %s"
        last = _key(newest)
        _drop(f"entry.feed_id = %s AND {is_copy}", [feed, last], f"NOT ({is_copy})", [last])


def _drop(goes, gone, stays, staying):
    """Remove entries, and the groups that lose all of theirs.

    What goes, and what stays in a group that loses some, are conditions in SQL with parameters.
    """
    touched = (
        f"SELECT entry.group_id FROM {_ENTRY} entry WHERE entry.group_id IS NOT NULL AND {goes}"
    )
    _lock_groups(touched, gone)
    _execute(
        f"""
        DELETE FROM {_GROUP} WHERE id IN ({touched})
          AND NOT EXISTS (SELECT 1 {_entries_of_group(stays)})
        """,
        [*gone, *staying],
    )
    _set_counts(touched, gone, stays, staying)
    _execute(f"DELETE FROM {_ENTRY} AS entry WHERE {goes}", gone)


def recount_groups_of(activities):
    """Count anew the actors of every group that holds one of `activities`."""
    _recount(
        FeedEntry.objects.filter(activity__in=activities, group__isnull=False)
        .values_list("group_id", flat=True)
        .distinct()
    )


def _recount(group_ids):
    for some in in_parts(group_ids, 500):
        _lock_groups(_marks(some), some)
        _set_counts(_marks(some), some)


def _set_counts(groups, those, stays="TRUE", staying=()):
    """Count anew what of `groups` stays: two conditions in SQL, each with its parameters."""
    held = _entries_of_group(stays)
    actors = _entries_of_group(
        stays, f"JOIN {_ACTIVITY} activity ON activity.id = entry.activity_id"
    )
    _execute(
        f"""
        UPDATE {_GROUP} SET
            activity_count = (SELECT COUNT(DISTINCT entry.activity_id) {held}),
            actor_count = (SELECT COUNT(DISTINCT activity.actor) {actors}),
            newest = (SELECT entry.activity_id {held} ORDER BY entry.activity_id DESC LIMIT 1),
            oldest = (SELECT entry.activity_id {held} ORDER BY entry.activity_id LIMIT 1)
        WHERE id IN ({groups})
        """,
        [*staying, *staying, *staying, *staying, *those],
    )


def _entries_of_group(condition, join=""):
    return f"FROM {_ENTRY} entry {join} WHERE entry.group_id = {_GROUP}.id AND {condition}"


def _lock_groups(group_ids, parameters):
    """Wait for whoever changes these groups, so that what is counted next is all there is."""
    if connection.features.has_select_for_update:
        _execute(
            f"""
            SELECT COUNT(*) FROM (
                SELECT id FROM {_GROUP} WHERE id IN ({group_ids}) ORDER BY name, feed_id FOR UPDATE
            ) locked
            """,
            parameters,
        )


def newest_activities(group_ids, limit):
    """Return (group, activity, origin, direct) of the newest `limit` activities of each group.

    `origin` is the key of a feed that an activity was copied from, `direct` whether it was added
    to the feed itself. One query: for each group the end of one range of an index.
    """
    if not group_ids:
        return []
    one = f"""
        SELECT * FROM (
            SELECT entry.group_id, entry.activity_id, MIN(entry.origin_id) AS origin,
                MAX(CASE WHEN entry.origin_id = entry.feed_id THEN 1 ELSE 0 END) AS direct
            FROM {_ENTRY} entry WHERE entry.group_id = %s
            GROUP BY entry.group_id, entry.activity_id
            ORDER BY entry.activity_id DESC LIMIT %s
        ) part
        """
    parameters = [value for group_id in group_ids for value in (group_id, limit)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(group_ids)), parameters)
        rows = cursor.fetchall()
    to_python = FeedEntry._meta.get_field("activity").to_python
    return [
        (group, to_python(activity), origin, direct) for group, activity, origin, direct in rows
    ]


def forget_bare_feeds(feeds):
    """Delete those of `feeds` that hold nothing, are held nowhere, follow none and none follow.

    A feed without a row is an empty one, so nobody can tell; and nothing is left of who is gone.
    """
    # Each asks an index for one row: a join would read all that a feed holds.
    used = [
        Exists(rows.filter(**{field: OuterRef("pk")}))
        for rows, field in (
            (FeedEntry.objects, "feed"),
            (FeedEntry.objects, "origin"),
            (ActivityGroup.objects, "feed"),
            (Follow.objects, "source"),
            (Follow.objects, "target"),
        )
    ]
    bare = Feed.objects.filter(*(~one for one in used), pk__in=[feed.pk for feed in feeds])
    keys = list(bare.values_list("pk", flat=True))
    lengths.forget(keys)
    Feed.objects.filter(pk__in=keys)._raw_delete(connection.alias)


def _marks(values):
    return ", ".join(["%s"] * len(values))


def _key(activity_id):
    return FeedEntry._meta.get_field("activity").get_db_prep_value(activity_id, connection)


def _execute(sql, parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)

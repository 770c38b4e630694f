"""Reading reactions: newest, own, counts, and each with the children it is shown with."""

import uuid

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from feedserver import ids
from feedserver.database import in_parts
from feedserver.models import Reaction, ReactionCount, StreamUser
from feedserver.reactions import DEEPEST
from feedserver.times import record_time
from feedserver.users import missing_user, render_user

# Of the newest children, whatever their kinds; of one's own, of each kind.
MOST_CHILDREN = 10
MOST_OWN = 5
# In one query, which every database takes: nearly always all.
_MOST_PARAMETERS = 10_000
_REACTION = Reaction._meta.db_table
_COUNT = ReactionCount._meta.db_table


def live():
    return Reaction.objects.filter(deleted_at__isnull=True)


def newest_of_each_kind(subjects, limit, kinds=()):
    """Return the newest `limit` reactions of each kind to each of `subjects`, newest first.

    One query: for each kind the end of one range of an index.
    """
    return [
        row
        for part in in_parts(subjects, _MOST_PARAMETERS)
        for row in _newest("subject, kind", part, limit, list(kinds))
    ]


def newest_children(parents):
    """Return the newest children of each of `parents`, newest first; one query."""
    references = [parent.reference for parent in parents]
    return [
        row
        for part in in_parts(references, _MOST_PARAMETERS)
        for row in _newest("subject", part, MOST_CHILDREN, [])
    ]


def _newest(of_each, subjects, limit, kinds):
    same = " AND ".join(f"{{0}}.{name} = said.{name}" for name in of_each.split(", "))
    of_kinds = f"AND kind IN ({_marks(kinds)})" if kinds else ""
    said = f"""
        SELECT DISTINCT {of_each} FROM {_COUNT}
        WHERE subject IN ({_marks(subjects)}) AND number > 0 {of_kinds}"""
    join, limits = _LATERAL if connection.vendor == "postgresql" else _BOUND
    sql = f"""
        SELECT reaction.* FROM ({said}) said
        {join.format(same.format("reaction"), same.format("bound"))}
        ORDER BY reaction.id DESC"""
    return list(Reaction.objects.raw(sql, [*subjects, *kinds, *limits(limit)]))


# PostgreSQL would hash all reactions rather than take the end of a range for each of a few rows,
# and SQLite has no such join: there the end of the range is a bound, computed once for each row.
_LATERAL = (
    f"""CROSS JOIN LATERAL (
            SELECT * FROM {_REACTION} reaction
            WHERE {{0}} AND reaction.deleted_at IS NULL
            ORDER BY reaction.id DESC LIMIT %s
        ) reaction""",
    lambda limit: [limit],
)
_BOUND = (
    f"""JOIN {_REACTION} reaction ON {{0}} AND reaction.deleted_at IS NULL
            AND reaction.id >= COALESCE(
                (
                    SELECT bound.id FROM {_REACTION} bound
                    WHERE {{1}} AND bound.deleted_at IS NULL
                    ORDER BY bound.id DESC LIMIT 1 OFFSET %s
                ),
                %s
            )""",
    lambda limit: [limit - 1, Reaction._meta.pk.get_db_prep_value(uuid.UUID(int=0), connection)],
)


def _marks(values):
    return ", ".join(["%s"] * len(values))


def own_of_each_kind(subjects, user_id, kinds=()):
    """Return what a person said to each of `subjects`, newest first, `MOST_OWN` of each kind."""
    if not user_id:
        return []
    own = live().filter(user_id=user_id, **({"kind__in": kinds} if kinds else {}))
    place = Window(RowNumber(), partition_by=[F("subject"), F("kind")], order_by=F("id").desc())
    return [
        row
        for part in in_parts(subjects, _MOST_PARAMETERS)
        for row in own.filter(subject__in=part)
        .annotate(place=place)
        .filter(place__lte=MOST_OWN)
        .order_by("-id")
    ]


def counts_of(subjects, kinds=()):
    """Return `{subject: {kind: number}}`, in one query."""
    rows = ReactionCount.objects.filter(**({"kind__in": kinds} if kinds else {}))
    counts = {}
    for part in in_parts(subjects, _MOST_PARAMETERS):
        for row in rows.filter(subject__in=part).order_by("kind"):
            counts.setdefault(row.subject, {})[row.kind] = row.number
    return counts


def by_subject(reactions):
    grouped = {}
    for row in reactions:
        grouped.setdefault(row.subject, []).append(row)
    return grouped


def by_kind(reactions):
    grouped = {}
    for row in reactions:
        grouped.setdefault(row.kind, []).append(row)
    return grouped


class Renderer:
    """Renders `reactions` with their users and their children, to the deepest level.

    All are read at once, in a number of queries that does not depend on how many there are. With
    `own_children` of a user each reaction also has what that user answered to it.
    """

    def __init__(self, reactions, flags):
        self.shows_own = flags.own_children
        self.children, self.own = {}, {}
        everything = level = list(reactions)
        while parents := [row for row in level if row.level < DEEPEST]:
            children = newest_children(parents)
            own = self._own_children(parents, flags)
            self.children |= by_subject(children)
            self.own |= by_subject(own)
            level = [*children, *own]
            everything = [*everything, *level]
        self.counts = counts_of({row.reference for row in everything})
        self.users = _users({row.user_id for row in everything})

    def _own_children(self, parents, flags):
        if not self.shows_own:
            return []
        references = [row.reference for row in parents]
        return own_of_each_kind(references, flags.children_user_id, flags.children_kinds)

    def render(self, row):
        """Return a reaction as its own GET answers it."""
        rendered = {
            "id": row.name,
            "kind": row.kind,
            "activity_id": row.activity_id,
            "user_id": row.user_id,
            "user": self.users.get(row.user_id) or missing_user(row.user_id),
            "data": row.data,
            "created_at": record_time(ids.time_of(row.pk)),
            "updated_at": record_time(row.updated_at),
            "parent": row.subject.removeprefix("SR:") if row.parent_id else "",
            "latest_children": self.render_by_kind(self.children.get(row.reference, [])),
            "children_counts": self.counts.get(row.reference, {}),
        }
        if row.target_feeds:
            rendered["target_feeds"] = row.target_feeds
        if self.shows_own:
            rendered["own_children"] = self.render_by_kind(self.own.get(row.reference, []))
        if row.deleted_at:
            rendered["deleted_at"] = record_time(row.deleted_at)
        return rendered

    def render_by_kind(self, rows):
        return {kind: [self.render(row) for row in same] for kind, same in by_kind(rows).items()}


def _users(names):
    found = StreamUser.objects.in_bulk(names) if names else {}
    return {name: render_user(user) for name, user in found.items()}

"""Reading reactions: newest, own, counts, and each with the children it is shown with."""

import uuid
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from feedserver import ids
from feedserver.database import in_parts
from feedserver.models import Reaction, ReactionCount
from feedserver.reactions import DEEPEST
from feedserver.rows import Rows
from feedserver.sql import fetch, marks
from feedserver.times import record_time
from feedserver.users import find_users, missing_user, render_user

# Of the newest children, whatever their kinds; of one's own, of each kind.
MOST_CHILDREN = 10
MOST_OWN = 5
# In one query, which every database takes: nearly always all.
_MOST_PARAMETERS = 10_000


class ReactionRow(NamedTuple):
    """A reaction that is live, as the model has it but for what no answer shows."""

    pk: uuid.UUID
    name: str
    kind: str
    subject: str
    activity_id: str
    level: int
    user_id: str
    data: dict
    target_feeds: list
    updated_at: datetime
    deleted_at = None

    @property
    def reference(self):
        return f"SR:{self.name}"


_REACTIONS = Rows(Reaction, ReactionRow)
_REACTION = _REACTIONS.table
_COUNT = ReactionCount._meta.db_table


def live():
    return Reaction.objects.filter(deleted_at__isnull=True)


def newest_of_each_kind(counts, limit):
    """Return the newest `limit` reactions of each kind to each subject in `counts`, newest first.

    One query: for each kind the end of one range of an index.
    """
    said = [
        (subject, kind)
        for subject, kinds in counts.items()
        for kind, number in kinds.items()
        if number
    ]
    return _newest(("subject", "kind"), said, limit)


def newest_children(parents):
    """Return the newest children of each of `parents` (references), newest first; one query."""
    return _newest(("subject",), [(parent,) for parent in parents], MOST_CHILDREN)


def _newest(names, said, limit):
    same = " AND ".join(f"{{0}}.{name} = said.{name}" for name in names)
    join, limits = _LATERAL if connection.vendor == "postgresql" else _BOUND
    one, rows = f"({marks(names)})", []
    for part in in_parts(said, _MOST_PARAMETERS // len(names)):
        sql = f"""
            WITH said ({", ".join(names)}) AS (VALUES {", ".join([one] * len(part))})
            SELECT {_REACTIONS.of("reaction")} FROM said
            {join.format(same.format("reaction"), same.format("bound"))}
            ORDER BY reaction.id DESC"""
        parameters = [value for values in part for value in values]
        rows += map(_REACTIONS.make, fetch(sql, [*parameters, *limits(limit)]))
    return rows


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


def own_of_each_kind(subjects, user_id, kinds=()):
    """Return what a person said to each of `subjects`, newest first, `MOST_OWN` of each kind."""
    rows = []
    for part in in_parts(subjects if user_id else (), _MOST_PARAMETERS):
        said = f"""
            SELECT *, ROW_NUMBER() OVER (PARTITION BY subject, kind ORDER BY id DESC) AS place
            FROM {_REACTION}
            WHERE user_id = %s AND deleted_at IS NULL AND subject IN ({marks(part)})
                {_of_kinds(kinds)}"""
        sql = f"""
            SELECT {_REACTIONS.of("reaction")} FROM ({said}) reaction
            WHERE place <= %s ORDER BY id DESC"""
        rows += map(_REACTIONS.make, fetch(sql, [user_id, *part, *kinds, MOST_OWN]))
    return rows


def counts_of(subjects, kinds=()):
    """Return `{subject: {kind: number}}`, in one query."""
    counts = {}
    for part in in_parts(subjects, _MOST_PARAMETERS):
        sql = f"""
            SELECT subject, kind, number FROM {_COUNT}
            WHERE subject IN ({marks(part)}) {_of_kinds(kinds)} ORDER BY kind"""
        for subject, kind, number in fetch(sql, [*part, *kinds]):
            counts.setdefault(subject, {})[kind] = number
    return counts


def _of_kinds(kinds):
    return f"AND kind IN ({marks(kinds)})" if kinds else ""


def by_subject(reactions):
    """Return `{subject: {kind: [reaction]}}`."""
    grouped = {}
    for row in reactions:
        grouped.setdefault(row.subject, {}).setdefault(row.kind, []).append(row)
    return grouped


class Renderer:
    """Renders `reactions` with their users and their children, to the deepest level.

    All are read at once, in a number of queries that does not depend on how many there are. With
    `own_children` of a user each reaction also has what that user answered to it.
    """

    def __init__(self, reactions, flags, people=()):
        self.flags = flags
        self.children, self.own, self.counts = {}, {}, {}
        everything, level = [], list(reactions)
        while level:
            everything += level
            counts = counts_of({row.reference for row in level if row.level < DEEPEST})
            parents = [reference for reference, kinds in counts.items() if any(kinds.values())]
            children, own = newest_children(parents), self._own_children(parents)
            self.counts |= counts
            self.children |= by_subject(children)
            self.own |= by_subject(own)
            level = [*children, *own]
        users = find_users({*people, *(row.user_id for row in everything)})
        self.users = {user.pk: render_user(user) for user in users}

    def _own_children(self, parents):
        if not self.flags.own_children:
            return []
        return own_of_each_kind(parents, self.flags.children_user_id, self.flags.children_kinds)

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
            "parent": row.subject.removeprefix("SR:") if row.level > 1 else "",
            "latest_children": self.render_by_kind(self.children.get(row.reference, {})),
            "children_counts": self.counts.get(row.reference, {}),
        }
        if row.target_feeds:
            rendered["target_feeds"] = row.target_feeds
        if self.flags.own_children:
            rendered["own_children"] = self.render_by_kind(self.own.get(row.reference, {}))
        if row.deleted_at:
            rendered["deleted_at"] = record_time(row.deleted_at)
        return rendered

    def render_by_kind(self, kinds):
        return {kind: [self.render(row) for row in rows] for kind, rows in kinds.items()}

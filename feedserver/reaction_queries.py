"""Queries for reactions: the newest, a user's own, and counts."""

import uuid
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from feedserver.database import in_batches
from feedserver.models import Reaction, ReactionCount
from feedserver.row_mapper import RowMapper
from feedserver.sql import fetch, placeholders

# Of all kinds together; a user's own children are limited for each kind.
MAX_CHILDREN = 10
MAX_OWN = 5
# In one query; every database accepts as many.
_MAX_PARAMETERS = 10_000


class ReactionRow(NamedTuple):
    """A reaction that is not deleted, with the fields that responses need."""

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
        """Return the reference by which activities name it."""
        return f"SR:{self.name}"


_REACTIONS = RowMapper(Reaction, ReactionRow)
_REACTION = _REACTIONS.table
_COUNT = ReactionCount._meta.db_table


def live():
    """Return the reactions that are not deleted."""
    return Reaction.objects.filter(deleted_at__isnull=True)


def newest_of_each_kind(counts, limit):
    """Return the newest `limit` reactions of each kind to each subject in `counts`, newest first.

    One query, which reads the end of one range of an index for each kind.
    """
    pairs = [
        (subject, kind)
        for subject, kinds in counts.items()
        for kind, number in kinds.items()
        if number
    ]
    return _newest(("subject", "kind"), pairs, limit)


def newest_children(parents):
    """Return the newest children of each of `parents` (references), newest first; one query."""
    return _newest(("subject",), [(parent,) for parent in parents], MAX_CHILDREN)


def _newest(columns, keys, limit):
    same_key = " AND ".join(f"{{0}}.{name} = requested.{name}" for name in columns)
    join, limits = _LATERAL if connection.vendor == "postgresql" else _BOUND
    values, rows = f"({placeholders(columns)})", []
    for batch in in_batches(keys, _MAX_PARAMETERS // len(columns)):
        sql = f"""
            WITH requested ({", ".join(columns)}) AS (VALUES {", ".join([values] * len(batch))})
            SELECT {_REACTIONS.columns("reaction")} FROM requested
            {join.format(same_key.format("reaction"), same_key.format("bound"))}
            ORDER BY reaction.id DESC"""
        parameters = [value for key in batch for value in key]
        rows += map(_REACTIONS.make_row, fetch(sql, [*parameters, *limits(limit)]))
    return rows


# With a plain join PostgreSQL hashes all reactions to find the end of a few ranges. SQLite has no
# lateral join: there the end of the range is a bound, computed once for each key.
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
    """Return a user's reactions to each of `subjects`, newest first, `MAX_OWN` of each kind."""
    rows = []
    for batch in in_batches(subjects if user_id else (), _MAX_PARAMETERS):
        numbered = f"""
            SELECT *, ROW_NUMBER() OVER (PARTITION BY subject, kind ORDER BY id DESC) AS position
            FROM {_REACTION}
            WHERE user_id = %s AND deleted_at IS NULL AND subject IN ({placeholders(batch)})
                {_of_kinds(kinds)}"""
        sql = f"""
            SELECT {_REACTIONS.columns("reaction")} FROM ({numbered}) reaction
            WHERE position <= %s ORDER BY id DESC"""
        rows += map(_REACTIONS.make_row, fetch(sql, [user_id, *batch, *kinds, MAX_OWN]))
    return rows


def counts_of(subjects, kinds=()):
    """Return `{subject: {kind: number}}`, in one query."""
    counts = {}
    for batch in in_batches(subjects, _MAX_PARAMETERS):
        sql = f"""
            SELECT subject, kind, number FROM {_COUNT}
            WHERE subject IN ({placeholders(batch)}) {_of_kinds(kinds)} ORDER BY kind"""
        for subject, kind, number in fetch(sql, [*batch, *kinds]):
            counts.setdefault(subject, {})[kind] = number
    return counts


def _of_kinds(kinds):
    return f"AND kind IN ({placeholders(kinds)})" if kinds else ""


def by_subject(reactions):
    """Return `{subject: {kind: [reaction]}}`."""
    grouped = {}
    for row in reactions:
        grouped.setdefault(row.subject, {}).setdefault(row.kind, []).append(row)
    return grouped

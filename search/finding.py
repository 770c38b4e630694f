"""Search: whole words before prefixes, names before other texts.

Each way to match words is a *tier*. A query reads a limited number of the newest matches in each
tier, and none in the tiers after a full one, so common words take no longer than rare ones.
Visibility is checked in the same order, until there are enough results. Within a tier, people and
collections are ordered by followers, links by age.
"""

from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models.expressions import RawSQL

from accounts.managers import may_find
from collections_app.models import Collection, Content
from search import full_text
from search.models import CollectionEntry, LinkEntry, PersonEntry

MAX_RESULTS = 300

# Only names of tables and columns are formatted into the SQL; words are parameters.
TIER = """tier{tier} AS MATERIALIZED (
    SELECT entry.rowid AS id
    FROM (SELECT rowid FROM {entries} WHERE {matches} ORDER BY rowid DESC) AS entry
    WHERE EXISTS ({visible}) {end}
)"""
IS_FULL = "(SELECT COUNT(*) FROM tier{tier}) >= {limit}"
RANKED = """WITH {tiers}
SELECT {number} AS type_number, best.id, best.tier, target.{rank} AS rank
FROM (SELECT id, MIN(tier) AS tier FROM ({every}) AS every_tier GROUP BY id) AS best
JOIN {targets} AS target ON target.id = best.id
ORDER BY best.tier, target.{rank} DESC, best.id DESC LIMIT {limit}"""


class ResultType(NamedTuple):
    """A type of results: its models, the path to its owner, and the field that ranks it.

    `scan_limit` matches are read in each tier. For types that do not rank in the order in which
    they are read, by age, it is higher than the number of results.
    """

    name: str
    model: type
    entries: type
    person: str
    rank_field: str
    scan_limit: int


RESULT_TYPES = (
    ResultType("people", get_user_model(), PersonEntry, "pk", "follower_count", 1000),
    ResultType("collections", Collection, CollectionEntry, "author", "follower_count", 1000),
    ResultType("links", Content, LinkEntry, "collection__author", "id", MAX_RESULTS),
)


class Hit(NamedTuple):
    """The key of a result, and its tier; lower tiers are better."""

    pk: int
    tier: int


def find(query, user, ranked=None):
    """Return lists of Hit by the name of their type, best first, in one statement.

    If `ranked` names a type, the others are only counted, and their order is undefined.
    """
    parts, values = [], []
    for number, result_type in enumerate(RESULT_TYPES):
        sql, parameters = _statement(
            number, result_type, query, user, is_ranked=ranked in {None, result_type.name}
        )
        parts.append(f"SELECT * FROM ({sql}) AS type{number}")
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        rows = cursor.fetchall()
    # A union does not keep the order of its parts.
    rows.sort(key=lambda row: (row[2], -row[3], -row[1]))
    hits = {result_type.name: [] for result_type in RESULT_TYPES}
    for number, pk, tier, _rank in rows:
        hits[RESULT_TYPES[number].name].append(Hit(pk, tier))
    return hits


def list_tiers(query):
    """Return the column and the terms of each tier, best first; the last one matches all results.

    Exact names come first, then whole words, then prefixes.
    """
    words = [(word, False) for word in query.words]
    return [
        ("name", [(query.exact_name, False)]),
        ("name", words),
        ("words", words),
        ("name", query.prefixes),
        ("words", query.prefixes),
    ]


def _statement(number, result_type, query, user, *, is_ranked):
    """Return SQL and parameters for the results of one type."""
    tiers = list(enumerate(list_tiers(query)))[0 if is_ranked else -1 :]
    visible, keys = _visible(result_type, user)
    parts, values, full = [], [], []
    for tier, (column, terms) in tiers:
        matches, query_text = full_text.match_sql(column, terms)
        limit = result_type.scan_limit if is_ranked else MAX_RESULTS
        end = full_text.limit_sql(limit, " OR ".join(full))
        table = result_type.entries._meta.db_table
        parts.append(
            TIER.format(tier=tier, entries=table, matches=matches, visible=visible, end=end)
        )
        values += [query_text, *keys]
        full.append(IS_FULL.format(tier=tier, limit=MAX_RESULTS))
    sql = RANKED.format(
        tiers=", ".join(parts),
        number=number,
        every=" UNION ALL ".join(f"SELECT id, {tier} AS tier FROM tier{tier}" for tier, _ in tiers),
        targets=result_type.model._meta.db_table,
        rank=result_type.rank_field,
        limit=MAX_RESULTS,
    )
    return sql, values


def _visible(result_type, user):
    """Return SQL and parameters for the target of `entry`, if `user` may find it."""
    targets = result_type.model.objects.visible().filter(may_find(user, result_type.person))
    of_entry = targets.filter(pk=RawSQL("entry.rowid", ())).order_by().values("pk")
    return of_entry.query.sql_with_params()

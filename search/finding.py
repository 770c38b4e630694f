"""What a query finds: whole words before beginnings, names before other texts.

Every way in which words can be found is a *tier*. Each tier of each kind is asked for so many of
its newest only, at which either database can stop, and none after one that is full: so common words
take no longer than rare ones. Who may see a target is asked in the order found, until there are
enough. Within a tier people and collections come by their followers, links by their age.
"""

from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models.expressions import RawSQL

from accounts.managers import may_find
from collections_app.models import Collection, Content
from search import full_text
from search.models import CollectionEntry, LinkEntry, PersonEntry

MOST_FOUND = 300

# Both databases are given the names of tables and columns alone by this; words are parameters.
TIER = """tier{tier} AS MATERIALIZED (
    SELECT entry.rowid AS id
    FROM (SELECT rowid FROM {entries} WHERE {matches} ORDER BY rowid DESC) AS entry
    WHERE EXISTS ({visible}) {end}
)"""
IS_FULL = "(SELECT COUNT(*) FROM tier{tier}) >= {most}"
BEST = """WITH {tiers}
SELECT {number} AS kind, best.id, best.tier, target.{first} AS first
FROM (SELECT id, MIN(tier) AS tier FROM ({every}) AS every_tier GROUP BY id) AS best
JOIN {things} AS target ON target.id = best.id
ORDER BY best.tier, target.{first} DESC, best.id DESC LIMIT {most}"""


class Kind(NamedTuple):
    """Something that can be found: its model, the path to whose it is, and what goes first.

    Links go by their age, as they are looked at; of others more are looked at than found.
    """

    name: str
    model: type
    entries: type
    person: str
    first: str
    looked_at: int


KINDS = (
    Kind("people", get_user_model(), PersonEntry, "pk", "follower_count", 1000),
    Kind("collections", Collection, CollectionEntry, "author", "follower_count", 1000),
    Kind("links", Content, LinkEntry, "collection__author", "id", MOST_FOUND),
)


class Found(NamedTuple):
    """The key of what was found, and in which tier: the lower the better."""

    pk: int
    tier: int


def find(query, user, ranked=None):
    """Return lists of Found by the name of their kind, the best first, in one statement.

    If `ranked` names a kind, the others are only counted: theirs are in no order that is good.
    """
    parts, values = [], []
    for number, kind in enumerate(KINDS):
        sql, asked = _statement(number, kind, query, user, is_ranked=ranked in {None, kind.name})
        parts.append(f"SELECT * FROM ({sql}) AS kind{number}")
        values += asked
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        rows = cursor.fetchall()
    # No database says that an order outlives a union.
    rows.sort(key=lambda row: (row[2], -row[3], -row[1]))
    return {
        kind.name: [Found(pk, tier) for of, pk, tier, _first in rows if of == number]
        for number, kind in enumerate(KINDS)
    }


def tiers_of(query):
    """Return the column and the terms of each tier, the best first; the last has all that is found.

    Names that are no more than what was asked, whole words, beginnings.
    """
    words = [(word, False) for word in query.words]
    return [
        ("name", [(query.whole, False)]),
        ("name", words),
        ("words", words),
        ("name", query.beginnings),
        ("words", query.beginnings),
    ]


def _statement(number, kind, query, user, *, is_ranked):
    """Return SQL, with its parameters, of the best of one kind."""
    tiers = list(enumerate(tiers_of(query)))[0 if is_ranked else -1 :]
    visible, keys = _visible(kind, user)
    parts, values, full = [], [], []
    for tier, (column, terms) in tiers:
        matches, asked = full_text.condition(column, terms)
        end = full_text.newest(kind.looked_at if is_ranked else MOST_FOUND, " OR ".join(full))
        table = kind.entries._meta.db_table
        parts.append(
            TIER.format(tier=tier, entries=table, matches=matches, visible=visible, end=end)
        )
        values += [asked, *keys]
        full.append(IS_FULL.format(tier=tier, most=MOST_FOUND))
    sql = BEST.format(
        tiers=", ".join(parts),
        number=number,
        every=" UNION ALL ".join(f"SELECT id, {tier} AS tier FROM tier{tier}" for tier, _ in tiers),
        things=kind.model._meta.db_table,
        first=kind.first,
        most=MOST_FOUND,
    )
    return sql, values


def _visible(kind, user):
    """Return SQL, with its parameters, of the target of `entry` if `user` may come across it."""
    things = kind.model.objects.visible().filter(may_find(user, kind.person))
    of_entry = things.filter(pk=RawSQL("entry.rowid", ())).order_by().values("pk")
    return of_entry.query.sql_with_params()

"""What the statements that are written in SQL are made of."""

import json

from django.db import connection

from feedserver.models import Activity, ActivityGroup, Feed, FeedEntry, Follow

ENTRY = FeedEntry._meta.db_table
GROUP = ActivityGroup._meta.db_table
ACTIVITY = Activity._meta.db_table
FOLLOW = Follow._meta.db_table
FEED = Feed._meta.db_table


def marks(values):
    """Return a mark for each of `values`, as a list in SQL has them."""
    return ", ".join(["%s"] * len(values))


def key(activity_id):
    """Return the id of an activity as this database has it."""
    return FeedEntry._meta.get_field("activity").get_db_prep_value(activity_id, connection)


def execute(sql, parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def fetch(sql, parameters):
    """Return the rows that a query in SQL finds."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def table(name, columns, rows):
    """Return SQL for `rows` as a table in a FROM clause, and its parameters, however many rows.

    `columns` maps names to PostgreSQL's types; SQLite takes the rows as JSON.
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        values = [list(column) for column in zip(*rows, strict=True)]
        return f"unnest({arrays}) AS {name} ({', '.join(columns)})", values or [[] for _ in columns]
    parts = (f"json_extract(value, '$[{at}]') AS {column}" for at, column in enumerate(columns))
    return f"(SELECT {', '.join(parts)} FROM json_each(%s)) AS {name}", [json.dumps(list(rows))]


def among(columns, pairs):
    """Return a condition in SQL, that two columns hold one of `pairs` of keys; its parameters."""
    rows, parameters = table("pairs", {"one": "bigint", "other": "bigint"}, sorted(pairs))
    return f"({', '.join(columns)}) IN (SELECT one, other FROM {rows})", parameters

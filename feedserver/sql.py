"""Building blocks of hand-written SQL: table names, placeholders, values as a table."""

import json

from django.db import connection

from feedserver.models import Activity, ActivityGroup, Feed, FeedEntry, Follow

ENTRY = FeedEntry._meta.db_table
GROUP = ActivityGroup._meta.db_table
ACTIVITY = Activity._meta.db_table
FOLLOW = Follow._meta.db_table
FEED = Feed._meta.db_table


def placeholders(values):
    """Return a placeholder for each of `values`, separated by commas."""
    return ", ".join(["%s"] * len(values))


def db_id(activity_id):
    """Return the id of an activity as a parameter for this database."""
    return FeedEntry._meta.get_field("activity").get_db_prep_value(activity_id, connection)


def execute(sql, parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def fetch(sql, parameters):
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def inline_table(name, columns, rows):
    """Return `rows` as a table for a FROM clause, in SQL, and its parameters.

    It may have any number of rows. `columns` maps names to PostgreSQL's types; SQLite takes the
    rows as JSON.
    """
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{type_name}[]" for type_name in columns.values())
        values = [list(column) for column in zip(*rows, strict=True)]
        return f"unnest({arrays}) AS {name} ({', '.join(columns)})", values or [[] for _ in columns]
    parts = (f"json_extract(value, '$[{index}]') AS {name}" for index, name in enumerate(columns))
    return f"(SELECT {', '.join(parts)} FROM json_each(%s)) AS {name}", [json.dumps(list(rows))]


def pairs_condition(columns, pairs):
    """Return an SQL condition that two columns hold one of `pairs` of keys, and its parameters."""
    columns_of_pairs = {"first_key": "bigint", "second_key": "bigint"}
    rows, parameters = inline_table("pairs", columns_of_pairs, sorted(pairs))
    return f"({', '.join(columns)}) IN (SELECT first_key, second_key FROM {rows})", parameters

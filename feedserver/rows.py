"""Rows of tables as named tuples, read by statements that are written rather than compiled.

An answer shows hundreds of rows: instances of models, and the queries that make them, would take
several times as long.
"""

import functools
import json
from datetime import datetime
from uuid import UUID

from django.db import connection, models

from feedserver.sql import fetch

_decoder = json.JSONDecoder()


class Rows:
    """Reads of the table of `model` what `row`, a named tuple, has; its "pk" is the key."""

    def __init__(self, model, row):
        names = [model._meta.pk.name if name == "pk" else name for name in row._fields]
        self.row, self.table = row, model._meta.db_table
        self.fields = [model._meta.get_field(name) for name in names]
        self.readers = [
            (place, _READERS[type(field)])
            for place, field in enumerate(self.fields)
            if type(field) in _READERS
        ]

    def of(self, alias):
        """SQL: the columns of what `alias` stands for."""
        return ", ".join(_column(field, f'{alias}."{field.column}"') for field in self.fields)

    def make(self, values):
        """Return the row of what the database has in these columns."""
        values = list(values)
        for place, read in self.readers:
            values[place] = read(values[place])
        return self.row._make(values)

    def where(self, condition, parameters):
        """Return the rows for which a condition in SQL holds."""
        sql = f"SELECT {self.of('one')} FROM {self.table} one WHERE {condition}"
        return [self.make(values) for values in fetch(sql, parameters)]


def _column(field, name):
    # Of its times PostgreSQL's driver makes objects in ten times as long as Python does of texts.
    return f"CAST({name} AS text)" if isinstance(field, models.DateTimeField) else name


def _read_id(value):
    return value if isinstance(value, UUID) else UUID(value)


def _read_time(text):
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=_zone())


@functools.cache
def _zone():
    """Return the zone of SQLite's times, which do not name it."""
    return connection.timezone


def _read_mark(value):
    return None if value is None else bool(value)


def _read_json(text):
    return _decoder.raw_decode(text)[0]


_READERS = {
    models.UUIDField: _read_id,
    models.DateTimeField: _read_time,
    models.BooleanField: _read_mark,
    models.JSONField: _read_json,
}

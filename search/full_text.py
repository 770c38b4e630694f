"""Full-text search in each database: FTS5 on SQLite, `tsvector` with a GIN index on PostgreSQL.

Only this module depends on the database. Texts are words that `search.words` has folded and split,
joined by spaces; the databases neither split nor fold them. Words contain only letters, digits and
marks, so they need no escaping.
"""

from django.db import connection, migrations, models, transaction

# Prefixes of these lengths have an index; longer ones are found by scanning words.
PREFIX_LENGTHS = "2 3 4"


class WordsField(models.TextField):
    """An unordered set of words, which is written and searched but never read."""

    def db_type(self, connection):
        return "tsvector" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_value(self, value, connection, prepared=False):
        if connection.vendor == "postgresql":
            return " ".join(f"'{word}'" for word in value.split())
        return value


def match_sql(column, terms):
    """Return SQL for rows whose `column` has all `terms`, and its parameter.

    A term is a pair of a word and whether it is a prefix.
    """
    if connection.vendor == "postgresql":
        parts = (f"'{word}'{':*' if is_prefix else ''}" for word, is_prefix in terms)
        return f"{column} @@ %s::tsquery", " & ".join(parts)
    parts = (f'"{word}"{" *" if is_prefix else ""}' for word, is_prefix in terms)
    return f"{column} MATCH %s", " AND ".join(parts)


def limit_sql(number, unless):
    """Return SQL that limits entries to the newest `number`, or to none if `unless` is true.

    PostgreSQL skips the search if a condition is false, but plans well only for a constant limit.
    SQLite would search anyway and discard row after row, so there the limit itself is 0.
    """
    order = "ORDER BY entry.rowid DESC LIMIT"
    if not unless:
        return f"{order} {number}"
    if connection.vendor == "postgresql":
        return f"AND NOT ({unless}) {order} {number}"
    return f"{order} CASE WHEN {unless} THEN 0 ELSE {number} END"


class CreateIndexTable(migrations.CreateModel):
    """Create the table of a model of two WordsFields, `name` and `words`.

    On SQLite it is a virtual table whose row ids are the model's keys.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            table = schema_editor.quote_name(model._meta.db_table)
            schema_editor.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5("
                f"name, words, tokenize='ascii', prefix='{PREFIX_LENGTHS}', detail=column, "
                "columnsize=0)",
                params=None,
            )


def optimize(model):
    """Remove deleted entries from the index of `model`; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def put(entries):
    """Insert or replace `entries`, all of one model."""
    rows = type(entries[0])._base_manager
    if connection.vendor == "postgresql":
        texts = ["name", "words"]
        rows.bulk_create(entries, update_conflicts=True, unique_fields=["pk"], update_fields=texts)
        return
    # Virtual tables have no upsert. No other transaction writes meanwhile on SQLite.
    with transaction.atomic():
        rows.filter(pk__in=[entry.pk for entry in entries]).delete()
        rows.bulk_create(entries)

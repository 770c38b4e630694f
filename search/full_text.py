"""How each database finds words: FTS5 on SQLite, `tsvector` under a GIN index on PostgreSQL.

Nothing else in this app knows which of the two it is. Texts come as words that `search.words` has
folded and split, joined by spaces; neither database splits or folds anything by itself. Words hold
letters, digits and marks alone, so none can end a quotation.
"""

from django.db import connection, migrations, models, transaction

# Beginnings that are looked up like words; a longer one is gathered from the words that have it.
BEGINNINGS = "2 3 4"


class WordsField(models.TextField):
    """Words in no order. It is written and asked, never read."""

    def db_type(self, connection):
        return "tsvector" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_value(self, value, connection, prepared=False):
        if connection.vendor == "postgresql":
            return " ".join(f"'{word}'" for word in value.split())
        return value


def condition(column, terms):
    """Return SQL for rows whose `column` has all `terms`, and its parameter.

    A term is a pair: a word, and whether its beginning is enough.
    """
    if connection.vendor == "postgresql":
        asked = (f"'{word}'{':*' if begins else ''}" for word, begins in terms)
        return f"{column} @@ %s::tsquery", " & ".join(asked)
    asked = (f'"{word}"{" *" if begins else ""}' for word, begins in terms)
    return f"{column} MATCH %s", " AND ".join(asked)


def newest(number, unless):
    """Return SQL that ends a condition on entries: the newest so many, none if `unless` holds.

    PostgreSQL then asks nothing at all, but plans for few rows only where their number is plain;
    SQLite would ask, and leave out one row after the other.
    """
    order = "ORDER BY entry.rowid DESC LIMIT"
    if not unless:
        return f"{order} {number}"
    if connection.vendor == "postgresql":
        return f"AND NOT ({unless}) {order} {number}"
    return f"{order} CASE WHEN {unless} THEN 0 ELSE {number} END"


class CreateIndexTable(migrations.CreateModel):
    """A model of two WordsFields, `name` and `words`, over what the database searches best.

    On SQLite that is a virtual table whose row ids are the model's keys.
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
                f"name, words, tokenize='ascii', prefix='{BEGINNINGS}', detail=column, "
                "columnsize=0)",
                params=None,
            )


def compact(model):
    """Take out of the index of `model` what deleting only marked; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def put(entries):
    """Write `entries`, all of one model, in place of those with the same keys."""
    rows = type(entries[0])._base_manager
    if connection.vendor == "postgresql":
        texts = ["name", "words"]
        rows.bulk_create(entries, update_conflicts=True, unique_fields=["pk"], update_fields=texts)
        return
    # Virtual tables know no upsert; SQLite lets one write at a time.
    with transaction.atomic():
        rows.filter(pk__in=[entry.pk for entry in entries]).delete()
        rows.bulk_create(entries)

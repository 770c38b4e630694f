from django.db import migrations

from search import full_text, index

AT_ONCE = 500
INDEXED = (
    ("accounts", "User", "PersonEntry", index.of_person),
    ("collections_app", "Collection", "CollectionEntry", index.of_collection),
    ("collections_app", "Content", "LinkEntry", index.of_link),
)


def fill(apps, schema_editor, at_once=AT_ONCE):
    """Index everything, so many in a transaction; what is there already is written again."""
    alias = schema_editor.connection.alias
    for label, model, entries, texts in INDEXED:
        things = apps.get_model(label, model)._base_manager.using(alias).order_by("pk")
        last = 0
        while rows := list(things.filter(pk__gt=last)[:at_once]):
            entry_model = apps.get_model("search", entries)
            full_text.put([index.entry(row, entry_model, texts) for row in rows])
            last = rows[-1].pk


class Migration(migrations.Migration):
    # A table of any size is not locked for longer than one batch takes.
    atomic = False

    dependencies = [
        ("search", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]

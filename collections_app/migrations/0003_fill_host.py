from django.db import migrations

from collections_app.links import host_of

AT_ONCE = 1000


def fill_host(apps, schema_editor, at_once=AT_ONCE):
    """Write down the host of every link, so many in a transaction."""
    links = apps.get_model("collections_app", "Content").objects.using(
        schema_editor.connection.alias
    )
    last = 0
    while rows := list(links.filter(pk__gt=last).only("url").order_by("pk")[:at_once]):
        for row in rows:
            row.host = host_of(row.url)
        links.bulk_update(rows, ["host"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    # A table of any size is not locked for longer than one batch takes.
    atomic = False

    dependencies = [
        ("collections_app", "0002_lists_of_staff"),
    ]

    operations = [
        migrations.RunPython(fill_host, migrations.RunPython.noop, elidable=True),
    ]

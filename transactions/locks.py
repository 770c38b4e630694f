"""Row locks in the order of primary keys. SQLite has no row locks: there a write locks the file."""


def lock_rows(rows, *, no_key=False, of=()):
    """Lock the rows of a queryset until commit and return them by primary key.

    With `no_key`, other transactions can still insert rows that refer to the locked ones. `of`
    names the tables to lock where the queryset joins several.
    """
    locked = rows.select_for_update(no_key=no_key, of=of).order_by("pk")
    return {row.pk: row for row in locked}


def lock_keys(rows, *, no_key=False):
    """Lock the rows of a queryset without loading them and return their primary keys."""
    locked = rows.select_for_update(no_key=no_key).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def lock_row(instance):
    """Return the current row of `instance`, locked until commit, or None if it is gone."""
    return type(instance).objects.select_for_update().filter(pk=instance.pk).first()

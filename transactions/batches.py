"""Long lists of rows in batches, each small enough for one transaction."""

from itertools import islice


def in_batches(rows, size):
    """Yield lists of at most `size` of `rows`, any iterable, in their order."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def by_key(rows, size, *, after=None):
    """Yield lists of at most `size` rows of a queryset in the order of their primary keys.

    Each list is one query that starts behind the last key of the list before, so rows may change
    meanwhile, and memory stays flat on every database. `after` is the key to start behind.
    """
    rows = rows.order_by("pk")
    following = rows if after is None else rows.filter(pk__gt=after)
    while batch := list(following[:size]):
        yield batch
        following = rows.filter(pk__gt=batch[-1].pk)

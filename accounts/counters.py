"""Numbers of rows: kept in a column, or counted beside the rows of another table."""

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce


def number_of(rows, owner):
    """Return the number of `rows` whose `owner` is the row of the query around it.

    Counted for the rows that are shown, and in no query of its own.
    """
    own = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)


class KeepsCounters(models.Model):
    """A model with columns that only queries change: saving a row writes none of them back.

    Otherwise whoever saves a form would undo what happened since the form was loaded.
    """

    changed_by_queries = frozenset()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if update_fields is None and not self._state.adding:
            left_out = self.changed_by_queries | self.get_deferred_fields()
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.attname not in left_out
            ]
        super().save(*args, update_fields=update_fields, **kwargs)

"""Numbers of related rows, stored in a column or counted by a subquery."""

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce


def count_subquery(rows, owner):
    """Return an expression: the number of `rows` whose field `owner` is the outer query's row."""
    own = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)


class CounterModel(models.Model):
    """A model whose `query_updated_fields` are changed by queries only.

    Saving an instance leaves them out, because it would overwrite changes since it was loaded.
    """

    query_updated_fields = frozenset()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if update_fields is None and not self._state.adding:
            excluded = self.query_updated_fields | self.get_deferred_fields()
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.attname not in excluded
            ]
        super().save(*args, update_fields=update_fields, **kwargs)

from django.db import models


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

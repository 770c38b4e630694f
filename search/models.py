"""Search entries, with a table for each model that can be found.

An entry is deleted with its target, also by a cascade. Visibility is checked on the target, so a
hidden row keeps its entry.
"""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from collections_app.models import Collection, Content
from search.full_text import WordsField


class Entry(models.Model):
    """The words in the names of a row, and all its words."""

    name = WordsField()
    words = WordsField()

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self):
        return f"{self._meta.verbose_name} {self.pk}"


def target_key(model):
    """Return the key of an entry, which is its target's and, on SQLite, the row id."""
    return models.OneToOneField(
        model, on_delete=models.CASCADE, primary_key=True, db_column="rowid", related_name="+"
    )


def indexes(name):
    """Return the indexes of an entry; without `fastupdate` saves are slower, searches faster."""
    return [
        GinIndex(fields=[field], name=f"search_{name}_{field}", fastupdate=False)
        for field in ("name", "words")
    ]


class PersonEntry(Entry):
    thing = target_key(settings.AUTH_USER_MODEL)

    class Meta(Entry.Meta):
        db_table = "search_person"
        verbose_name = "search entry of person"
        indexes = indexes("person")


class CollectionEntry(Entry):
    thing = target_key(Collection)

    class Meta(Entry.Meta):
        db_table = "search_collection"
        verbose_name = "search entry of collection"
        indexes = indexes("collection")


class LinkEntry(Entry):
    thing = target_key(Content)

    class Meta(Entry.Meta):
        db_table = "search_link"
        verbose_name = "search entry of link"
        indexes = indexes("link")

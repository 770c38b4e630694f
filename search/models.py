"""What is searched, one table for each kind of target.

An entry goes with its target, also where that is deleted by a cascade. Whether somebody may see the
target is asked of the target itself, so that an entry can stay while it is hidden.
"""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from collections_app.models import Collection, Content
from search.full_text import WordsField


class Entry(models.Model):
    """The words of one thing: those of its names, and all."""

    name = WordsField()
    words = WordsField()

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self):
        return f"{self._meta.verbose_name} {self.pk}"


def entry_of(model):
    """Return the key of an entry: that of its target, as the row ids of SQLite's tables are."""
    return models.OneToOneField(
        model, on_delete=models.CASCADE, primary_key=True, db_column="rowid", related_name="+"
    )


def indexes(kind):
    """Let what is saved be found at once, at the price of a slower save."""
    return [
        GinIndex(fields=[field], name=f"search_{kind}_{field}", fastupdate=False)
        for field in ("name", "words")
    ]


class PersonEntry(Entry):
    target = entry_of(settings.AUTH_USER_MODEL)

    class Meta(Entry.Meta):
        db_table = "search_person"
        verbose_name = "search entry of person"
        indexes = indexes("person")


class CollectionEntry(Entry):
    target = entry_of(Collection)

    class Meta(Entry.Meta):
        db_table = "search_collection"
        verbose_name = "search entry of collection"
        indexes = indexes("collection")


class LinkEntry(Entry):
    target = entry_of(Content)

    class Meta(Entry.Meta):
        db_table = "search_link"
        verbose_name = "search entry of link"
        indexes = indexes("link")

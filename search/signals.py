"""Index rows when they are saved. Deletions reach their entries by cascade."""

from django.db.models.signals import post_save

from collections_app.publishing import links_added
from search import index


def connect():
    """Connect the receiver to every model, once; `search.apps` calls it."""
    for model in index.INDEXED:
        post_save.connect(saved, sender=model, dispatch_uid=f"search.saved.{model.__name__}")
    links_added.connect(saved_many, dispatch_uid="search.saved_many")


def saved(sender, instance, update_fields=None, **kwargs):
    if update_fields is None or update_fields & index.INDEXED[sender].fields:
        index.put(sender, [instance.pk])


def saved_many(sender, links, **kwargs):
    index.put(sender, [link.pk for link in links])

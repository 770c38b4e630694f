"""The base of all factories: a row alone, or all that the site makes of it."""

from contextlib import contextmanager

import factory


class RowFactory(factory.django.DjangoModelFactory):
    """Insert the row alone: no signal, and so no feed, follow of oneself or entry of the search.

    With `with_feeds=True` it is saved as the site saves it, and so are the rows that it needs. The
    fixture `with_feeds` makes that the default of a test.
    """

    _saves = False

    class Meta:
        abstract = True

    @classmethod
    def _generate(cls, strategy, params):
        with with_feeds(params.pop("with_feeds", RowFactory._saves)):
            return super()._generate(strategy, params)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        row = model_class(*args, **kwargs)
        (cls.save if RowFactory._saves else cls.insert)(row)
        return row

    @classmethod
    def save(cls, row):
        row.save(force_insert=True)

    @classmethod
    def insert(cls, row):
        type(row)._base_manager.bulk_create([row])


@contextmanager
def with_feeds(saves=True):
    before, RowFactory._saves = RowFactory._saves, saves
    try:
        yield
    finally:
        RowFactory._saves = before

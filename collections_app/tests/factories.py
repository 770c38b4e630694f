"""Collections and links, made the way the site makes them."""

import factory

from accounts.tests.factories import UserFactory
from collections_app.models import BookmarkImport, Collection, Content


class CollectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Collection

    author = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Collection {number}")
    description = factory.Sequence(lambda number: f"What there is to read about {number}.")


class ContentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Content

    collection = factory.SubFactory(CollectionFactory)
    url = factory.Sequence(lambda number: f"https://example.org/pages/{number}")
    title = factory.Sequence(lambda number: f"Page {number}")
    description = "Worth reading."


class BookmarkImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BookmarkImport

    person = factory.SubFactory(UserFactory)
    file_name = "bookmarks.html"
    folders = [["", "", None]]
    links = [[0, "https://example.org/one", "One", "", None, 1]]
    total = 1

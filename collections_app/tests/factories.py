"""Collections and links."""

import factory

from accounts.tests.factories import UserFactory
from collections_app.links import host_of, url_key
from collections_app.models import BookmarkImport, Collection, Content
from tests.factories import RowFactory


class CollectionFactory(RowFactory):
    class Meta:
        model = Collection

    author = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Collection {number}")
    description = factory.Sequence(lambda number: f"What there is to read about {number}.")


class ContentFactory(RowFactory):
    class Meta:
        model = Content

    collection = factory.SubFactory(CollectionFactory)
    url = factory.Sequence(lambda number: f"https://example.org/pages/{number}")
    title = factory.Sequence(lambda number: f"Page {number}")
    description = "Worth reading."

    @classmethod
    def insert(cls, row):
        row.url_key, row.host = url_key(row.url), host_of(row.url)
        super().insert(row)


class BookmarkImportFactory(RowFactory):
    class Meta:
        model = BookmarkImport

    person = factory.SubFactory(UserFactory)
    file_name = "bookmarks.html"
    folders = [["", "", None]]
    links = [[0, "https://example.org/one", "One", "", None, 1]]
    total = 1

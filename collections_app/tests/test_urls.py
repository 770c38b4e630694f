"""Rules for every URL of this app."""

import pytest
from django.urls import reverse

from accounts.tests.factories import SuperuserFactory
from collections_app import urls
from collections_app.models import Collection, Content
from collections_app.tests.factories import BookmarkImportFactory

pytestmark = pytest.mark.django_db

READ_ONLY = {"explore", "detail", "activity", "import_detail"}
WITHOUT_KEY = {"explore", "create", "add_link", "import"}
# For their owner only, not even for staff.
PERSONAL = {"import_detail", "move_link"}
# For scripts (test_views_previews).
NO_PAGE = {"preview_link"}


@pytest.fixture(params=[row.name for row in urls.urlpatterns if row.name not in NO_PAGE])
def name(request):
    return request.param


@pytest.fixture
def url(name, link):
    """Return the URL of that name for `link`, its collection or an import by its author."""
    if name in WITHOUT_KEY:
        return reverse(f"collections:{name}")
    target = link if name.endswith("_link") else link.collection
    if name == "import_detail":
        target = BookmarkImportFactory(person=link.author)
    return reverse(f"collections:{name}", args=[target.pk])


@pytest.fixture
def visitor(name, link, signed_in):
    return signed_in(link.author if name in PERSONAL else SuperuserFactory())


def rows():
    return list(Collection.objects.values()), list(Content.objects.values())


def test_wrong_methods_are_405_and_change_nothing(visitor, url, name):
    before = rows()
    for method in ("put", "patch", "delete", *(["post"] if name in READ_ONLY else [])):
        assert getattr(visitor, method)(url).status_code == 405
    assert rows() == before


def test_looking_changes_nothing(visitor, url, entries):
    before = rows()
    entries()
    assert visitor.get(url).status_code == 200
    assert visitor.head(url).status_code == 200
    assert rows() == before
    assert entries() == []


def test_pages_take_at_most_16_queries(visitor, url, queries_of):
    assert queries_of(visitor, url) <= 16

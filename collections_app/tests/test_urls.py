"""What holds for every address of this app."""

import pytest
from django.urls import reverse

from accounts.tests.factories import SuperuserFactory
from collections_app import urls
from collections_app.models import Collection, Content

pytestmark = pytest.mark.django_db

READ_ONLY = {"explore", "detail", "activity"}


@pytest.fixture(params=[pattern.name for pattern in urls.urlpatterns])
def name(request):
    return request.param


@pytest.fixture
def url(name, link):
    """The address of that name, about `link` or its collection."""
    thing = link if name.endswith("_link") else link.collection
    args = [] if name in {"explore", "create", "add_link"} else [thing.pk]
    return reverse(f"collections:{name}", args=args)


def rows():
    return list(Collection.objects.values()), list(Content.objects.values())


def test_wrong_methods_are_405_and_change_nothing(signed_in, url, name):
    client, before = signed_in(SuperuserFactory()), rows()
    for method in ("put", "patch", "delete", *(["post"] if name in READ_ONLY else [])):
        assert getattr(client, method)(url).status_code == 405
    assert rows() == before


def test_looking_changes_nothing(signed_in, url, entries):
    client, before = signed_in(SuperuserFactory()), rows()
    entries()
    assert client.get(url).status_code == 200
    assert client.head(url).status_code == 200
    assert rows() == before
    assert entries() == []


def test_pages_take_at_most_16_queries(signed_in, url, queries_of):
    assert queries_of(signed_in(SuperuserFactory()), url) <= 16

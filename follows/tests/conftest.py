import pytest
from stream_django.client import stream_client

from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app.tests.factories import CollectionFactory


@pytest.fixture
def ana(db):
    return UserFactory(username="ana", name="Ana Lopes")


@pytest.fixture
def ben(db):
    return UserFactory(username="ben", name="Ben Okafor")


@pytest.fixture
def moderator(db):
    return ModeratorFactory(username="mo")


@pytest.fixture
def collection(ana):
    return CollectionFactory(author=ana, name="Typography")


@pytest.fixture
def groups_of():
    """Return a function that reads the groups of a person's feed as the server keeps them."""

    def read(person, slug="timeline"):
        return stream_client.feed(slug, str(person.pk)).get(limit=100)["results"]

    return read


@pytest.fixture
def objects_of(groups_of):
    """Return a function that lists the foreign ids of all activities on a person's feed."""

    def read(person, slug="timeline"):
        groups = groups_of(person, slug)
        return sorted(row["foreign_id"] for group in groups for row in group["activities"])

    return read

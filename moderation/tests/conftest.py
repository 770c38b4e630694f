import pytest

from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from notifications.models import Notification


@pytest.fixture
def ana(db):
    return UserFactory(username="ana", name="Ana Lopes")


@pytest.fixture
def ben(db):
    return UserFactory(username="ben")


@pytest.fixture
def mo(db):
    return ModeratorFactory(username="mo")


@pytest.fixture
def max_(db):
    return ModeratorFactory(username="max")


@pytest.fixture
def collection(ana):
    return CollectionFactory(author=ana, name="Typography", description="Letters and the like.")


@pytest.fixture
def link(collection):
    return ContentFactory(collection=collection, url="https://www.python.org/", title="Python")


@pytest.fixture
def badge():
    """Return a function that tells what a person's badge of open reports shows."""

    def value(person):
        row = Notification.objects.filter(user=person, name="open_report_count").first()
        return row and row.payload

    return value

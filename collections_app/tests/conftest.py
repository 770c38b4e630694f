import pytest

from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory


@pytest.fixture
def ana(db):
    return UserFactory(username="ana", name="Ana Lopes")


@pytest.fixture
def ben(db):
    return UserFactory(username="ben")


@pytest.fixture
def moderator(db):
    return ModeratorFactory(username="mo")


@pytest.fixture
def collection(ana):
    return CollectionFactory(author=ana, name="Typography", description="Letters and the like.")


@pytest.fixture
def link(collection):
    return ContentFactory(collection=collection, url="https://www.python.org/", title="Python")


@pytest.fixture
def entries(db):
    """Return a function that lists the outbox entries since its last call, without follows."""
    from feeds.models import OutboxEntry

    seen = {"pk": 0}

    def new():
        rows = list(OutboxEntry.objects.filter(pk__gt=seen["pk"]).order_by("pk"))
        seen["pk"] = rows[-1].pk if rows else seen["pk"]
        return [
            (row.operation, row.subject, row.key)
            for row in rows
            if "follow" not in row.operation and not row.key.startswith("follow:")
        ]

    return new

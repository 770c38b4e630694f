import pytest
from django.core.cache import cache

from accounts.tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _no_rate_limit_left_over():
    cache.clear()


@pytest.fixture
def ana(db):
    return UserFactory(username="ana", name="Ana Lopes")


@pytest.fixture
def signed_in(client):
    """Return a function that signs somebody in and returns the client."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in

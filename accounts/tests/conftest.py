import pytest

from accounts.tests.factories import UserFactory


@pytest.fixture
def ana(db):
    return UserFactory(username="ana", name="Ana Lopes")

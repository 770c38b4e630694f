import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def ana(db):
    return get_user_model().objects.create_user("ana")


@pytest.fixture
def ben(db):
    return get_user_model().objects.create_user("ben")

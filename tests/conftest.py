import pytest


@pytest.fixture(autouse=True)
def published(with_feeds):
    """Save rows as the site does: these tests are about what all apps make of them."""

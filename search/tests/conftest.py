import pytest


@pytest.fixture(autouse=True)
def indexed(with_feeds):
    """Let factories save what they make: the index hears of nothing else."""

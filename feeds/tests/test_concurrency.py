from contextlib import ExitStack

import pytest

from feeds.stream.concurrency import ConcurrencyLimit, ConcurrencyLimitReached


@pytest.fixture
def limit():
    return ConcurrencyLimit(2, seconds=1)


@pytest.fixture
def hosted(settings):
    settings.FEEDS_TRANSPORT = None


def hold(limit, number):
    """Return a stack that holds so many of them until it ends."""
    stack = ExitStack()
    for _ in range(number):
        stack.enter_context(limit.slot())
    return stack


def test_only_so_many_wait_for_hosted_feeds_at_once(hosted, limit):
    with hold(limit, 2), pytest.raises(ConcurrencyLimitReached), limit.slot():
        pass


def test_a_place_is_free_again_whatever_came_of_it(hosted, limit):
    for _ in range(3):
        with pytest.raises(ValueError, match="no answer"), limit.slot():
            raise ValueError("no answer")


def test_nobody_waits_for_embedded_feeds(limit):
    with hold(limit, 3):
        pass

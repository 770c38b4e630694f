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
    """Return a stack that holds `number` slots until it ends."""
    stack = ExitStack()
    for _ in range(number):
        stack.enter_context(limit.slot())
    return stack


def test_limit_applies_to_hosted_feeds(hosted, limit):
    with hold(limit, 2), pytest.raises(ConcurrencyLimitReached), limit.slot():
        pass


def test_slot_is_freed_after_error(hosted, limit):
    for _ in range(3):
        with pytest.raises(ValueError, match="no answer"), limit.slot():
            raise ValueError("no answer")


def test_embedded_feeds_have_no_limit(limit):
    with hold(limit, 3):
        pass

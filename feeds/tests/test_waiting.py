from contextlib import ExitStack

import pytest

from feeds.waiting import Places, TooManyWaitError


@pytest.fixture
def places():
    return Places(2, seconds=1)


@pytest.fixture
def hosted(settings):
    settings.FEEDS_TRANSPORT = None


def hold(places, number):
    """Return a stack that holds so many of them until it ends."""
    stack = ExitStack()
    for _ in range(number):
        stack.enter_context(places.one())
    return stack


def test_only_so_many_wait_for_hosted_feeds_at_once(hosted, places):
    with hold(places, 2), pytest.raises(TooManyWaitError), places.one():
        pass


def test_a_place_is_free_again_whatever_came_of_it(hosted, places):
    for _ in range(3):
        with pytest.raises(ValueError, match="no answer"), places.one():
            raise ValueError("no answer")


def test_nobody_waits_for_embedded_feeds(places):
    with hold(places, 3):
        pass

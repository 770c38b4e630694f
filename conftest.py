"""Fixtures that every app's tests may use."""

import pytest


@pytest.fixture
def deliver(db):
    """Return a function that delivers every outbox entry that is due, and returns how many."""
    from feeds.delivery import deliver_pending

    return deliver_pending


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Return the context manager in which on_commit callbacks run as they would after a commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)

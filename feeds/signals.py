"""Signals that other apps answer, and what they ask about Django's own."""

from django.db.models import QuerySet
from django.dispatch import Signal

# Activities are on Stream: sender=their model, ids (those that Stream gave them, by key).
activity_delivered = Signal()

# About once a minute from the worker, for what is due by the clock.
worker_tick = Signal()


def is_own(origin, sender):
    """Whether rows of `sender` itself were deleted, not something they hang on.

    `origin` is what a signal of deletion says was deleted: an instance or a QuerySet. What cascades
    away is answered by the receiver of that.
    """
    return (origin.model if isinstance(origin, QuerySet) else type(origin)) is sender

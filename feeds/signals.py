"""Signals that other apps receive, and a test for receivers of Django's own."""

from django.db.models import QuerySet
from django.dispatch import Signal

# Activities were added to Stream: sender=their model, ids (Stream's ids, by primary key).
activity_delivered = Signal()

# Sent by the worker about once a minute, for work that is due by the clock.
worker_tick = Signal()


def is_own(origin, sender):
    """Return whether rows of `sender` itself were deleted, not rows that they belong to.

    `origin` is the argument of a signal of deletion: an instance or a QuerySet. Rows that cascade
    are handled by the receiver for the origin's model.
    """
    return (origin.model if isinstance(origin, QuerySet) else type(origin)) is sender

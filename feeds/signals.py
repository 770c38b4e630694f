"""Signals that other apps answer."""

from django.dispatch import Signal

# An activity is on Stream: sender=its model, pk, stream_id (the id that Stream gave it).
activity_delivered = Signal()

# About once a minute from the worker, for what is due by the clock.
worker_tick = Signal()

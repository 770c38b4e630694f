"""Publication from scratch: an outbox entry for everything that Stream should hold.

Users and objects come first, then activities in the order of their keys. Follows come last: they
copy activities, which are on their feeds by then.
"""

from typing import Any, NamedTuple

from django.db import transaction
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds import feed_mapping
from feeds.models import Resync
from feeds.outbox.entries import enqueue
from feeds.published import published_models


class Stage(NamedTuple):
    """An operation for all rows of one model where `attribute` is true.

    A Resync remembers its `name`.
    """

    operation: str
    attribute: str
    model: Any

    @property
    def name(self):
        return f"{self.operation} {self.model._meta.label}"

    @property
    def rows(self):
        return feed_mapping.published_rows(self.model)


def stages():
    user, data = feed_mapping.USER_DATA, feed_mapping.OBJECT_DATA
    models = {
        ("set_user", user): feed_mapping.models_with(user),
        ("set_object", data): feed_mapping.models_with(data),
        ("add", "activity_is_public"): published_models(),
        ("follow", "stream_follows"): feed_mapping.following_models(),
    }
    return [Stage(*operation, model) for operation in models for model in models[operation]]


def begin(*, restart):
    """Return the Resync to continue: the one that was stopped, or a new one."""
    resync, _created = Resync.objects.get_or_create(destination=stream_client.api_key)
    if restart or resync.finished_at:
        resync.stage, resync.position, resync.finished_at = "", "", None
        resync.save()
    return resync


def finished_at():
    """Return when everything had been queued for this destination; None if it never was."""
    return Resync.objects.here().values_list("finished_at", flat=True).first()


@transaction.atomic
def publish(resync, stage, rows):
    """Queue the entries of `rows` and save the progress; return how many entries."""
    rows_to_publish = [row for row in rows if getattr(row, stage.attribute)]
    messages = [feed_manager.message(stage.operation, row) for row in rows_to_publish]
    enqueue(messages, at_once=False)
    resync.stage, resync.position = stage.name, str(rows[-1].pk)
    resync.save()
    return len(messages)

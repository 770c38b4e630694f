"""Publishing everything from scratch: an outbox entry for all that Stream should know.

Users and objects first, then activities in the order of their keys, then follows, which copy what
is there: so everything is on its feed before anybody follows that.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from stream_django.feed_manager import feed_manager

from feeds import feed_mapping
from feeds.models import Resync
from feeds.outbox import Message, current_destination, enqueue
from feeds.published import published_models


@dataclass(frozen=True)
class Stage:
    """What the rows of one model are told of; `name` is what a Resync remembers."""

    operation: str
    model: Any

    @property
    def name(self):
        return f"{self.operation} {self.model._meta.label}"

    def messages(self, rows):
        key, is_told = TOLD[self.operation]
        return [Message(self.operation, row, key(row)) for row in rows if is_told(row)]


TOLD = {
    "set_user": (feed_manager.person_feed, lambda row: row.stream_user_data),
    "set_object": (feed_manager.object_feed, lambda row: row.stream_object_data),
    "add": (feed_manager.activity_feed, lambda row: row.activity_is_public),
    "follow": (lambda row: row.stream_followed_feed, lambda row: row.stream_follows),
}


def stages():
    models = {
        "set_user": feed_mapping.models_with(feed_mapping.USER_DATA),
        "set_object": feed_mapping.models_with(feed_mapping.OBJECT_DATA),
        "add": published_models(),
        "follow": feed_mapping.following_models(),
    }
    return [Stage(operation, model) for operation in models for model in models[operation]]


def rows_of(stage):
    """Return the rows of a stage in the order of keys, with what their activities ask for."""
    return feed_mapping.published_rows(stage.model).order_by("pk")


def begin(*, restart):
    """Return the Resync to go on with: the one that was stopped, or a new one."""
    resync, _created = Resync.objects.get_or_create(destination=current_destination())
    if restart or resync.finished_at:
        resync.stage, resync.position, resync.finished_at = "", "", None
        resync.save()
    return resync


def finished_at():
    """Return when everything had been queued for this destination; None if it never was."""
    done = Resync.objects.filter(destination=current_destination(), finished_at__isnull=False)
    return done.values_list("finished_at", flat=True).first()


@transaction.atomic
def publish(resync, stage, rows):
    """Queue what `rows` are told of and remember how far that is; return how many entries."""
    messages = stage.messages(rows)
    enqueue(messages, at_once=False)
    resync.stage, resync.position = stage.name, str(rows[-1].pk)
    resync.save()
    return len(messages)

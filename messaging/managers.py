"""Queries for lists of messages."""

from django.db import models
from django.db.models import Q


class MessageQuerySet(models.QuerySet):
    def received_by(self, person):
        """Keep messages that `person` received and did not delete."""
        return self.filter(recipient=person, deleted_by_recipient=False)

    def sent_by(self, person):
        return self.filter(sender=person, deleted_by_sender=False)

    def visible_to(self, person):
        """Keep messages that `person` sent or received and did not delete."""
        return self.filter(
            Q(recipient=person, deleted_by_recipient=False)
            | Q(sender=person, deleted_by_sender=False)
        )

    def unread(self):
        return self.filter(read_at=None)

    def newest_first(self):
        return self.order_by("-id")

    # These include messages that a side has deleted:

    def sent_or_received_by(self, person):
        return self.filter(Q(sender=person) | Q(recipient=person))

    def between(self, person, other):
        return self.filter(Q(sender=person, recipient=other) | Q(sender=other, recipient=person))

    def deleted_for_sender(self):
        """Keep messages that their sender has deleted, also with their account."""
        return self.filter(Q(sender=None) | Q(deleted_by_sender=True))

    def deleted_for_recipient(self):
        return self.filter(Q(recipient=None) | Q(deleted_by_recipient=True))

"""Which messages a list holds."""

from django.db import models
from django.db.models import Q


class MessageQuerySet(models.QuerySet):
    def received_by(self, person):
        """What is in the list of `person`, who did not delete it."""
        return self.filter(recipient=person, deleted_by_recipient=False)

    def sent_by(self, person):
        return self.filter(sender=person, deleted_by_sender=False)

    def seen_by(self, person):
        """What `person` sent or received, and did not delete."""
        return self.filter(
            Q(recipient=person, deleted_by_recipient=False)
            | Q(sender=person, deleted_by_sender=False)
        )

    def unread(self):
        return self.filter(read_at=None)

    def newest_first(self):
        return self.order_by("-id")

    # Whether anybody deleted it or not:

    def sent_or_received_by(self, person):
        return self.filter(Q(sender=person) | Q(recipient=person))

    def between(self, one, other):
        return self.filter(Q(sender=one, recipient=other) | Q(sender=other, recipient=one))

    def gone_for_sender(self):
        """What its sender does not see any more; who deleted their account sees nothing."""
        return self.filter(Q(sender=None) | Q(deleted_by_sender=True))

    def gone_for_recipient(self):
        return self.filter(Q(recipient=None) | Q(deleted_by_recipient=True))

"""Conversations: the messages between two people."""

import heapq
from dataclasses import dataclass
from operator import attrgetter

from messaging import conf
from messaging.models import Message


@dataclass(frozen=True)
class Conversation:
    """The messages between `reader` and `person` that `reader` can see."""

    reader: object
    person: object

    @property
    def sent(self):
        return Message.objects.sent_by(self.reader).filter(recipient=self.person)

    @property
    def received(self):
        return Message.objects.received_by(self.reader).filter(sender=self.person)

    def exists(self):
        return self.sent.exists() or self.received.exists()

    def count(self):
        return self.sent.count() + self.received.count()

    def page(self, before=None):
        """Return the newest messages, oldest first, and whether there are older ones.

        With `before`, a key, only older messages count. Each direction reads one index range.
        """
        size = conf.get("MESSAGES_PER_PAGE")
        rows = []
        for messages in (self.sent, self.received):
            if before is not None:
                messages = messages.filter(pk__lt=before)
            rows += messages.newest_first()[: size + 1]
        newest = heapq.nlargest(size, rows, key=attrgetter("pk"))
        return newest[::-1], len(rows) > size

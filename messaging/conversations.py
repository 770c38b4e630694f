"""What two people wrote to each other."""

import heapq
from dataclasses import dataclass
from operator import attrgetter

from messaging import conf
from messaging.models import Message


@dataclass(frozen=True)
class Conversation:
    """What `reader` sees of the messages between them and `person`."""

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
        """Return the newest messages, those before the key `before` if given, the oldest first.

        And whether there are older ones. Each way is the end of one range of an index.
        """
        size = conf.get("MESSAGES_PER_PAGE")
        rows = []
        for one_way in (self.sent, self.received):
            if before is not None:
                one_way = one_way.filter(pk__lt=before)
            rows += one_way.newest_first()[: size + 1]
        newest = heapq.nlargest(size, rows, key=attrgetter("pk"))
        return newest[::-1], len(rows) > size

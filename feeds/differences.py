"""What Stream has otherwise than the database says, and what would mend it."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from feeds.models import OutboxEntry
from feeds.outbox import current_destination


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    `where` is the feed ("user:7"), user or object; `subjects` and `keys` are the rows and feeds it
    is about, as the outbox names them. Mended by `row_remedies`, pairs of an operation and a row,
    and by `feed_remedies`: what is to be done to the feed itself, by the names of `mend_feed`.
    """

    where: str
    text: str
    subjects: frozenset = frozenset()
    keys: frozenset = frozenset()
    row_remedies: tuple[tuple[str, Any], ...] = ()
    feed_remedies: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.where}: {self.text}"


def settled(differences, since, own=frozenset()):
    """Return the differences about which the outbox has nothing to say.

    What waits there is no difference yet, and what was delivered after `since`, when reading
    began, may have changed between two readings. What waits for another Stream says nothing here,
    nor do the entries with the keys `own`: they mend what was found on the same feed before.
    """
    subjects = {name for one in differences for name in one.subjects}
    keys = {name for one in differences for name in one.keys}
    if not differences:
        return []
    entries = OutboxEntry.objects.filter(
        Q(subject__in=subjects) | Q(key__in=keys),
        Q(state=OutboxEntry.State.PENDING) | Q(delivered_at__gte=since),
        destination=current_destination(),
    )
    rows = entries.values_list("pk", "subject", "key").iterator()
    moving = {name for pk, *names in rows if pk not in own for name in names}
    return [one for one in differences if not moving & (one.subjects | one.keys)]

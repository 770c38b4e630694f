"""The log of staff actions: a hash chain that shows changed, missing or inserted records.

A record's hash is an HMAC-SHA256, keyed by SECRET_KEY, over all its fields and the previous hash,
so write access to the database is not enough to forge a record. The head has the position and hash
of the last record. A log that is restored as a whole to an older state is still valid: to notice
that, keep the head's hash elsewhere (`manage.py check_moderation_log` prints it).
"""

import hmac
import json
import logging
from dataclasses import dataclass
from datetime import UTC

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from moderation.models import LogHead, LogRecord

logger = logging.getLogger(__name__)

BATCH_SIZE = 1000


@transaction.atomic
def append(entries):
    """Append a record for each of `entries` (of `accounts.signals.staff_actions_logged`).

    This locks the head until the transaction ends, so call it last.
    """
    head = _lock_head()
    records = []
    for entry in entries:
        record = _make_record(entry)
        record.position, record.previous_hash = head.position + 1, head.hash
        record.hash = hash_of(record, settings.SECRET_KEY)
        head.position, head.hash = record.position, record.hash
        records.append(record)
    LogRecord.objects.bulk_create(records, batch_size=500)
    head.save()
    # The process log is outside the database: it shows if the last records are deleted there.
    logger.info("act of staff", extra={"position": head.position, "hash": head.hash})
    return records


def _lock_head():
    """Return the head, locked; a missing head is restored from the last record."""
    last = LogRecord.objects.order_by("-position").values("position", "hash")
    defaults = last.first() or {}
    LogHead.objects.get_or_create(pk=1, defaults=defaults)
    return LogHead.objects.select_for_update().get(pk=1)


def _make_record(entry):
    model = entry.content_type and entry.content_type.model_class()
    return LogRecord(
        made_at=timezone.now(),
        staff_id=entry.user.pk,
        staff_name=entry.user.get_username(),
        act=str(entry.action),
        thing_type=model._meta.label_lower if model else "",
        thing_id=entry.object_id or "",
        thing_text=entry.object_repr,
        changes=entry.changes,
        reason=entry.reason,
    )


def hash_of(record, key):
    """Return the hash that `record` must have if it was made with the secret `key`."""
    fields = [
        record.position,
        record.made_at.astimezone(UTC).isoformat(),
        record.staff_id,
        record.staff_name,
        record.act,
        record.thing_type,
        record.thing_id,
        record.thing_text,
        record.changes,
        record.reason,
        record.previous_hash,
    ]
    text = json.dumps(fields, sort_keys=True)
    return salted_hmac("moderation.log", text, secret=key, algorithm="sha256").hexdigest()


def is_genuine(record):
    """Return whether the hash of `record` is valid for the current or a fallback secret."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(hash_of(record, key), record.hash) for key in keys)


@dataclass(frozen=True)
class Problem:
    """An error in the records from `first` to `last`: "missing", "changed", "inserted"…"""

    first: int
    last: int
    description: str

    def __str__(self):
        if self.first == self.last:
            return f"record {self.first} is {self.description}"
        return f"records {self.first} to {self.last} are {self.description}"


def check(progress=lambda number: None):
    """Yield each Problem of the log in order; call `progress` with the number of records read.

    Records that staff append meanwhile come after the head, which is read first: none is checked.
    """
    head = LogHead.objects.filter(pk=1).first() or LogHead()
    position, previous = 0, ""
    for number, record in enumerate(_records(head), start=1):
        progress(number)
        here = record.position
        if here > position + 1:
            yield Problem(position + 1, here - 1, "missing")
        if not is_genuine(record):
            yield Problem(here, here, "changed")
        elif here == position + 1 and record.previous_hash != previous:
            yield Problem(here, here, "out of line")
        position, previous = here, record.hash
    if position < head.position:
        yield Problem(position + 1, head.position, "missing")
    elif previous != head.hash:
        yield Problem(position, position, "not the last that was written")
    yield from _inserted(head)


def _inserted(head):
    """Yield a Problem for each record before the first position or after the head."""
    outside = Q(position__lt=1) | Q(position__gt=head.position)
    positions = list(
        LogRecord.objects.filter(outside).values_list("position", flat=True)[:BATCH_SIZE]
    )
    end = LogHead.objects.filter(pk=1).values_list("position", flat=True).first() or 0
    for position in sorted(positions):
        if not 0 < position <= end:
            yield Problem(position, position, "inserted")


def _records(head):
    rows = LogRecord.objects.filter(position__gte=1, position__lte=head.position)
    return rows.order_by("position").iterator(chunk_size=BATCH_SIZE)

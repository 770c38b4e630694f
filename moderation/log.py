"""The record of what staff did: a chain in which a changed, missing or inserted row shows.

A record's hash is an HMAC-SHA256, keyed by SECRET_KEY, over all its fields and the hash before it:
who can only write to the database can make no record that fits. The head says where the chain
ends. Put back as a whole to an older state, it fits again: whoever wants to see that notes the
head's hash elsewhere (`manage.py check_moderation_log` prints it).
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from moderation.models import LogHead, LogRecord

BATCH = 1000


@transaction.atomic
def append(*, by, thing, act, changes, reason, made_at=None):
    """Add a record to the end of the log and return it.

    `by` is a person, `thing` a triple: model label, key, what it is called. Locks the end of the
    log until the transaction ends: call it last.
    """
    LogHead.objects.get_or_create(pk=1)
    head = LogHead.objects.select_for_update().get(pk=1)
    kind, key, text = thing
    record = LogRecord(
        position=head.position + 1,
        made_at=made_at or timezone.now(),
        staff_id=by.pk,
        staff_name=by.get_username(),
        act=str(act),
        thing_type=kind,
        thing_id=str(key),
        thing_text=text[:200],
        changes=changes,
        reason=reason,
        previous_hash=head.hash,
    )
    record.hash = hash_of(record, settings.SECRET_KEY)
    record.save(force_insert=True)
    head.position, head.hash = record.position, record.hash
    head.save()
    return record


def hash_of(record, key):
    """Return what the hash of `record` must be, were it made with the secret `key`."""
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
    """Whether `record` is as it was written, with the present secret or one of those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(hash_of(record, key), record.hash) for key in keys)


@dataclass(frozen=True)
class Problem:
    """What is wrong with the records from `first` to `last`: "missing", "changed", "inserted"…"""

    first: int
    last: int
    what: str

    def __str__(self):
        if self.first == self.last:
            return f"record {self.first} is {self.what}"
        return f"records {self.first} to {self.last} are {self.what}"


def check(progress=lambda number: None):
    """Yield each Problem of the log, in its order; `progress` hears how many records were read."""
    head = LogHead.objects.filter(pk=1).first() or LogHead()
    position, previous = 0, ""
    for number, record in enumerate(_records(), start=1):
        progress(number)
        here = record.position
        if not 0 < here <= head.position:
            yield Problem(here, here, "inserted")
            continue
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


def _records():
    return LogRecord.objects.order_by("position").iterator(chunk_size=BATCH)

"""Activity ids: UUIDv1 on the wire, UUIDv6 in the database.

Both versions have the same 60-bit timestamp (the activity's time) and the same lower 64 bits;
version 6 has the timestamp's bytes in order (RFC 9562, section 5.6), so that its index is in the
order of time. The id of an activity with a foreign id depends on foreign id and time only, and is
the same as hosted Stream's.
"""

import hashlib
import json
import re
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import mmh3

_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LOWER = (1 << 64) - 1
_WIRE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# The two bytes before the node differ, so that the three kinds of ids cannot collide.
_BY_FOREIGN_ID = 0x8080
_BY_CONTENT = 0x8081


class _Clock:
    """Microseconds since 1970 that strictly increase, even if the system's clock does not."""

    def __init__(self):
        self.last = 0
        self.lock = threading.Lock()

    def tick(self):
        with self.lock:
            self.last = max(time.time_ns() // 1000, self.last + 1)
            return self.last


_clock = _Clock()


def next_time():
    """Return the current time, later than any this process got before.

    It orders activities of one batch that have no time of their own.
    """
    return _EPOCH + _clock.tick() * _MICROSECOND


def id_of_foreign_id(foreign_id, moment):
    """Return the id of the activity with this foreign id and time."""
    signed = mmh3.hash(foreign_id.encode(), 0, signed=True)
    node = abs(signed) | (0x1_0000_0000 if signed > 0 else 0) | 0x8000_0000_0000
    return _build(moment, _BY_FOREIGN_ID << 48 | node)


def id_of_content(content, moment):
    """Return the id of an activity with this content (JSON data) and time, always the same."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    node = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")
    return _build(moment, _BY_CONTENT << 48 | node)


def fresh_id(moment):
    """Return a unique id, even if other processes make ids in the same microsecond."""
    return _build(moment, 0b10 << 62 | 0x0100_0000_0000 | secrets.randbits(62))


def to_wire(stored):
    """Return the UUIDv1 text of an id of the database."""
    # The two versions differ only in the order of the timestamp's digits.
    digits = stored.hex
    high, low = digits[:8], digits[8:12] + digits[13:16]
    return f"{(high + low)[7:]}-{(high + low)[3:7]}-1{high[:3]}-{digits[16:20]}-{digits[20:]}"


def time_of(stored):
    """Return the time in an id of the database: that of its activity."""
    return _GREGORIAN + _ticks(stored) // 10 * _MICROSECOND


def from_wire(text):
    """Return the id of the database for a UUIDv1 text, or None if it is none."""
    uuid = _parse(text)
    return _to_stored(uuid) if uuid and uuid.version == 1 else None


def boundary(text):
    """Return a UUID of any version as an id to compare with, or None if the text is no UUID."""
    uuid = _parse(text)
    return _to_stored(uuid) if uuid else None


def _ticks(stored):
    """Return the timestamp of an id: steps of 100 ns since 1582 (RFC 9562, section 5.6)."""
    return stored.int >> 80 << 12 | stored.int >> 64 & 0xFFF


def _parse(text):
    return UUID(text) if isinstance(text, str) and _WIRE.fullmatch(text) else None


def _to_stored(uuid):
    return _join(uuid.time, uuid.int & _LOWER)


def _build(moment, lower):
    return _join((moment - _GREGORIAN) // _MICROSECOND * 10, lower)


def _join(ticks, lower):
    return UUID(int=(ticks >> 12 << 80) | 6 << 76 | (ticks & 0xFFF) << 64 | lower)

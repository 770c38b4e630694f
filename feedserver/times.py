"""Times on the wire: always six digits, UTC, and a Z everywhere but in activities."""

from datetime import UTC, datetime

from feedserver.errors import InvalidInput

# What the 60 bits of a UUID's timestamp can hold.
_EARLIEST = datetime(1582, 10, 15, tzinfo=UTC)
_LATEST = datetime(5236, 1, 1, tzinfo=UTC)


def parse_time(value, *, field="time"):
    """Return the aware datetime that an ISO 8601 string means; without an offset it is UTC."""
    try:
        time = datetime.fromisoformat(value)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"'{field}' must be an ISO 8601 date and time.", field=field)
    if not _EARLIEST <= time < _LATEST:
        raise InvalidInput(f"'{field}' is out of range.", field=field)
    return time


def activity_time(time):
    """Format the time of an activity: exactly this shape the Python client makes a datetime."""
    # What strftime makes of "%Y-%m-%dT%H:%M:%S.%f", in half the time: an answer may hold hundreds.
    return time.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")


def record_time(time):
    """Format a time of a user, an object or a follow."""
    return activity_time(time) + "Z"

"""Times in requests and responses: six decimals, UTC, with a Z except in activities."""

from datetime import UTC, datetime

from feedserver.errors import InvalidInput

# The range of the 60-bit timestamp of a UUID.
_MIN_TIME = datetime(1582, 10, 15, tzinfo=UTC)
_MAX_TIME = datetime(5236, 1, 1, tzinfo=UTC)


def parse_time(value, *, field="time"):
    """Return the aware datetime of an ISO 8601 string; without an offset it is UTC."""
    try:
        time = datetime.fromisoformat(value)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"'{field}' must be an ISO 8601 date and time.", field=field)
    if not _MIN_TIME <= time < _MAX_TIME:
        raise InvalidInput(f"'{field}' is out of range.", field=field)
    return time


def activity_time(time):
    """Format the time of an activity, in the one form that the Python client parses."""
    # As strftime("%Y-%m-%dT%H:%M:%S.%f"), in half the time: a response may have hundreds.
    return time.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")


def record_time(time):
    """Format a time of a user, an object, a reaction or a follow."""
    return activity_time(time) + "Z"

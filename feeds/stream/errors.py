"""Errors of calls to Stream, classified by what the caller should do about them."""

import contextlib
import time
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

from requests import ConnectionError
from stream.exceptions import FeedConfigException, StreamApiException

MAX_WAIT = 15 * 60
# Stream limits calls per minute: the wait after a 429 that names no time.
DEFAULT_WAIT = 60
# An operator repairs a wrong key or a missing permission, so these entries must not be dropped.
_TEMPORARY_STATUSES = {401, 403, 408, 429}
_WAIT_STATUSES = {429, 503}
# Permanent even if a proxy says so: the request stays as long as it is.
_LENGTH_STATUSES = {413, 414}


# The time of Stream's last answer to a write of this process, by the monotonic clock.
last_answer = SimpleNamespace(at=float("-inf"))


class NotStreamError(Exception):
    """The response is not Stream's own, for example a proxy's during an outage."""


# Errors of a read from Stream: OSError for no connection, ValueError for no JSON, and the last two
# for JSON that is not Stream's.
READ_ERRORS = (StreamApiException, NotStreamError, OSError, ValueError, LookupError, TypeError)


class RetryLater(StreamApiException):
    """Stream asks for no calls during the next `wait` seconds."""

    def __init__(self, detail, *, status_code, wait):
        super().__init__(detail, status_code=status_code)
        self.wait = wait


class CallFailed(Exception):
    """A failed call; its text and `cause` are the client's error."""

    def __init__(self, cause):
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.cause = cause


class Permanent(CallFailed):
    """Stream refuses the request; a retry cannot succeed."""


class Gone(Permanent):
    """Stream does not have the item, so a removal is complete."""


class Temporary(CallFailed):
    """A retry may succeed, and other entries are not affected: a feed group is missing."""

    @property
    def wait(self):
        """Return for how many seconds Stream wants no calls, 0 if it does not say."""
        return getattr(self.cause, "wait", 0)


class Unreachable(Temporary):
    """No call succeeds at present: Stream is down, busy, or rejects the credentials."""

    @property
    def may_be_too_large(self):
        """Return whether a smaller request might succeed: a server answered, but failed."""
        return not isinstance(self.cause, (ConnectionError, RetryLater))


def check_answer(result):
    """Return `result` if it is Stream's, which always has a duration.

    The client accepts any JSON object without an `exception` as success, whatever its status.
    """
    if not isinstance(result, dict) or "duration" not in result:
        raise NotStreamError("the answer has no duration")
    return result


@contextlib.contextmanager
def ignore_missing():
    """Ignore that Stream does not have what is removed."""
    try:
        yield
    except (StreamApiException, CallFailed) as error:
        if not issubclass(error_type(error), Gone):
            raise


def call(method, *args, **options):
    """Call a method of Stream's client and return its answer, or raise a CallFailed."""
    try:
        answer = check_answer(method(*args, **options))
    except Exception as error:  # a malformed response can raise any exception
        failure = error_type(error)
        if failure is not Unreachable:
            last_answer.at = time.monotonic()
        raise failure(error) from error
    last_answer.at = time.monotonic()
    return answer


def error_type(error):
    """Return the subclass of CallFailed for an error that a call raised."""
    if isinstance(error, CallFailed):
        return type(error)
    if isinstance(error, FeedConfigException):
        return Temporary
    status = getattr(error, "status_code", None) or 500
    if not isinstance(error, StreamApiException) or status in _TEMPORARY_STATUSES:
        return Unreachable
    if 400 <= status < 500:
        return Gone if status == 404 else Permanent
    return Unreachable


def check_response(response, *args, **options):
    """Raise errors that the client's own exceptions cannot express: a hook of its session.

    RetryLater if the headers say when to call again; NotStreamError for an error status that
    Stream did not send, such as the 404 of a misconfigured proxy.
    """
    status = response.status_code
    if status in _WAIT_STATUSES and (wait := requested_wait(response.headers)):
        detail = f"answered with {status}, to be asked again in {wait:.0f} s"
        raise RetryLater(detail, status_code=status, wait=wait)
    if 400 <= status < 500 and status not in _LENGTH_STATUSES and not _is_streams(response):
        raise NotStreamError(f"answered with {status}, and not as Stream does")


def _is_streams(response):
    try:
        answer = response.json()
    except ValueError:
        return False
    return isinstance(answer, dict) and "exception" in answer


def retry_delay(error):
    """Return how many seconds to wait before the next call; 0 if Stream is not busy."""
    default = DEFAULT_WAIT if getattr(error, "status_code", None) == 429 else 0
    return getattr(error, "wait", default)


def requested_wait(headers):
    """Return how many seconds a response asks to wait, at most 15 minutes; 0 for none.

    `Retry-After` holds seconds or a date, Stream's `X-RateLimit-Reset` a Unix timestamp.
    """
    seconds = _retry_after(headers.get("Retry-After", ""))
    if seconds is None:
        reset = _number(headers.get("X-RateLimit-Reset", ""))
        seconds = 0 if reset is None else reset - time.time()
    return min(max(seconds, 0), MAX_WAIT)


def _retry_after(text):
    if (seconds := _number(text)) is not None:
        return seconds
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def _number(text):
    return int(text) if text.isascii() and text.isdecimal() else None

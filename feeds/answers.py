"""What Stream answers, and what became of a call that it did not take, told apart by type."""

import time
from email.utils import parsedate_to_datetime

from requests import ConnectionError
from stream.exceptions import FeedConfigException, StreamApiException

LONGEST_WAIT = 15 * 60
# What Stream counts calls by: who is too many for it and is told no moment tries the next one.
USUAL_WAIT = 60
# Answers that pass: a wrong key or a missing right is mended by people, not by dropping.
_TEMPORARY_STATUSES = {401, 403, 408, 429}
_WAITING_STATUSES = {429, 503}
# What is too long is so for whoever stands before Stream, too, and stays so.
_LENGTH_STATUSES = {413, 414}


class NotStreamError(Exception):
    """What answered was not Stream: a proxy, say, in an outage."""


class RetryLater(StreamApiException):
    """Stream asks to be left alone for `wait` seconds."""

    def __init__(self, detail, *, status_code, wait):
        super().__init__(detail, status_code=status_code)
        self.wait = wait


class Untaken(Exception):
    """A call that Stream did not take; its text and `cause` are what the client said."""

    def __init__(self, cause):
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.cause = cause


class Permanent(Untaken):
    """Trying again cannot help: Stream refuses what was said."""


class Gone(Permanent):
    """Stream has no such thing, so a removal is done."""


class Temporary(Untaken):
    """Trying again later may help, and concerns nobody else: a feed group is missing."""

    @property
    def wait(self):
        """Return for how many seconds Stream asks to be left alone, 0 if it does not."""
        return getattr(self.cause, "wait", 0)


class Unreachable(Temporary):
    """No call gets through just now: Stream is down, busy, or refuses who calls."""

    @property
    def may_be_the_size(self):
        """Whether less at once might get through: there is somebody, who could not do this."""
        return not isinstance(self.cause, (ConnectionError, RetryLater))


def answered(result):
    """Return `result` if it is Stream's, which always tells its duration.

    The client takes any JSON object without an `exception` for success, whatever its status.
    """
    if not isinstance(result, dict) or "duration" not in result:
        raise NotStreamError("the answer has no duration")
    return result


class gone_is_done:  # noqa: N801 - reads as a sentence
    """What Stream does not have needs no removing."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, StreamApiException):
            return kind_of(error) is Gone
        return isinstance(error, Gone)


def tell(call, *args, **options):
    """Make a call of Stream's client and return its answer; raises what became of it, by type."""
    try:
        return answered(call(*args, **options))
    except Exception as error:  # garbage in an answer is passed on as any kind of error
        raise kind_of(error)(error) from error


def kind_of(error):
    """Return the type of what `error`, raised by a call, means for whoever made it."""
    if isinstance(error, FeedConfigException):
        return Temporary
    status = getattr(error, "status_code", None) or 500
    if not isinstance(error, StreamApiException) or status in _TEMPORARY_STATUSES:
        return Unreachable
    if 400 <= status < 500:
        return Gone if status == 404 else Permanent
    return Unreachable


def heed(response, *args, **options):
    """Raise what the client's own exceptions do not tell: a hook of its session.

    RetryLater for an answer that says in its headers when to come back; NotStreamError for a
    refusal that is none of Stream's, such as the "404" of a proxy that lost its way there.
    """
    _heed_wait(response)
    if 400 <= response.status_code < 500 and response.status_code not in _LENGTH_STATUSES:
        _heed_author(response)


def _heed_wait(response):
    if response.status_code in _WAITING_STATUSES and (wait := asked_wait(response.headers)):
        detail = f"answered with {response.status_code}, to be asked again in {wait:.0f} s"
        raise RetryLater(detail, status_code=response.status_code, wait=wait)


def seconds_to_wait(error):
    """Return for how long to leave Stream alone that answered with `error`; 0 if it is not busy."""
    usual = USUAL_WAIT if getattr(error, "status_code", None) == 429 else 0
    return getattr(error, "wait", usual)


def _heed_author(response):
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or "exception" not in answer:
        raise NotStreamError(f"answered with {response.status_code}, and not as Stream does")


def asked_wait(headers):
    """Return how many seconds an answer asks to wait, up to a quarter of an hour; 0 for none.

    `Retry-After` holds seconds or a date, Stream's `X-RateLimit-Reset` a moment in Unix seconds.
    """
    seconds = _retry_after(headers.get("Retry-After", ""))
    if seconds is None:
        reset = _number(headers.get("X-RateLimit-Reset", ""))
        seconds = 0 if reset is None else reset - time.time()
    return min(max(seconds, 0), LONGEST_WAIT)


def _retry_after(text):
    if (seconds := _number(text)) is not None:
        return seconds
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


def _number(text):
    return int(text) if text.isascii() and text.isdecimal() else None

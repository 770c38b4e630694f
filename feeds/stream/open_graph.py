"""Open Graph descriptions of web pages, which Stream fetches."""

import logging

from requests import RequestException
from stream.exceptions import StreamApiException

from feeds.stream.api import get
from feeds.stream.concurrency import PAGE_DESCRIPTIONS, ConcurrencyLimitReached
from feeds.stream.errors import NotStreamError, Permanent, error_type

logger = logging.getLogger(__name__)

UNREADABLE = (
    RequestException,
    StreamApiException,
    NotStreamError,
    ConcurrencyLimitReached,
    ValueError,
)


def describe(url, *, seconds):
    """Return Stream's `og` fields of the page at `url`; {} for none, None if Stream fails.

    A hosted Stream has `seconds` to answer.
    """
    try:
        return get("og/", concurrency=PAGE_DESCRIPTIONS, timeout=seconds, url=url)
    except UNREADABLE as error:
        logger.info("page not described", extra={"reason": str(error)[:500]})
        return {} if issubclass(error_type(error), Permanent) else None

"""Open Graph descriptions of web pages, which Stream fetches."""

import logging

from feeds.stream.api import get
from feeds.stream.concurrency import PAGE_DESCRIPTIONS, ConcurrencyLimitReached
from feeds.stream.errors import READ_ERRORS, Permanent, error_type

logger = logging.getLogger(__name__)


def describe(url, *, seconds):
    """Return Stream's `og` fields of the page at `url`; {} for none, None if Stream fails.

    A hosted Stream has `seconds` to answer.
    """
    try:
        return get("og/", concurrency=PAGE_DESCRIPTIONS, timeout=seconds, url=url)
    except (*READ_ERRORS, ConcurrencyLimitReached) as error:
        logger.info("page not described", extra={"reason": str(error)[:500]})
        return {} if issubclass(error_type(error), Permanent) else None

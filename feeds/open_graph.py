"""What a page says about itself, as Stream finds it out."""

import logging

from requests import RequestException
from stream.exceptions import StreamApiException

from feeds import waiting
from feeds.answers import NotStreamError, Permanent, kind_of
from feeds.asking import ask

logger = logging.getLogger(__name__)

UNREADABLE = (
    RequestException,
    StreamApiException,
    NotStreamError,
    waiting.TooManyWaitError,
    ValueError,
)


def describe(url, *, seconds):
    """Return Stream's `og` fields of the page at `url`; {} for none, None if it cannot be asked.

    A hosted Stream that says nothing for `seconds` is waited for no longer.
    """
    try:
        return ask("og/", places=waiting.PAGES, timeout=seconds, url=url)
    except UNREADABLE as error:
        logger.info("page not described", extra={"reason": str(error)[:500]})
        return {} if issubclass(kind_of(error), Permanent) else None

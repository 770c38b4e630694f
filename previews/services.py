"""Describe pages of other sites and store thumbnails of their pictures: this app's interface.

Fetching inside a transaction is refused: a slow site would hold the locks.
"""

import hashlib
import logging
import time
from datetime import timedelta
from urllib.parse import urldefrag

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from previews import conf
from previews.addresses import Rules
from previews.errors import FetchError, FetchUnavailable
from previews.fetching import TIMEOUT, Fetcher, FetchOptions
from previews.heads import HeadEnd
from previews.models import Picture
from previews.pages import describe_page
from previews.thumbnails import make_thumbnail
from transactions import lock_keys

logger = logging.getLogger(__name__)

HTML = ("text/html", "application/xhtml+xml")
PAGE = FetchOptions(",".join(HTML), limit=2 * 1024 * 1024, types=HTML, until=HeadEnd)
PICTURE = FetchOptions(
    "image/webp,image/png,image/jpeg,image/gif", limit=4 * 1024 * 1024, whole=True
)

# How long results and failures are cached.
CACHED_FOR, FAILURE_CACHED_FOR = 6 * 60 * 60, 10 * 60
# Longer than results are cached, so that a cached picture still exists.
KEEP_UNUSED = timedelta(days=2)
PRUNE_BATCH_SIZE = 500
# The minimum time to decode a picture, even if fetching it took long.
MIN_DECODING_SECONDS = 0.8


def describe(url, *, seconds=TIMEOUT):
    """Return the metadata of the page at `url` in the fields of Stream's `og`, or None.

    Raises FetchUnavailable, a ConnectionError, if nothing can be fetched now.
    """
    url = urldefrag(url).url

    def load():
        return describe_page(make_fetcher().fetch(url, PAGE, seconds=seconds))

    return cached("page", url, load) or None


def fetch_picture(url, *, seconds=TIMEOUT):
    """Return the key of a stored thumbnail of the picture at `url`, "" if there is none.

    Raises FetchUnavailable if nothing can be fetched now.
    """

    def load():
        deadline = time.monotonic() + seconds
        response = make_fetcher().fetch(url, PICTURE, seconds=seconds)
        left = max(MIN_DECODING_SECONDS, deadline - time.monotonic())
        return save_picture(make_thumbnail(response.body, seconds=left), source=url)

    return keep_picture(cached("picture", url, load)) or ""


def save_picture(thumbnail, *, source):
    """Save the thumbnail of the picture at `source` and return its key."""
    sha256 = hashlib.sha256(thumbnail.content).hexdigest()
    fields = {
        "content": thumbnail.content,
        "width": thumbnail.width,
        "height": thumbnail.height,
        "source": source,
    }
    Picture.objects.get_or_create(sha256=sha256, defaults=fields)
    return sha256


def keep_picture(sha256):
    """Return the key if that picture exists, and keep it from being pruned; None otherwise.

    In a transaction the row stays locked until commit.
    """
    if not sha256:
        return None
    used = Picture.objects.filter(pk=sha256).update(used_at=timezone.now())
    return sha256 if used else None


def prune_pictures():
    """Delete some unused pictures; return how many."""
    unused = Picture.objects.unused_since(timezone.now() - KEEP_UNUSED)
    oldest = list(unused.order_by("used_at").values_list("pk", flat=True)[:PRUNE_BATCH_SIZE])
    with transaction.atomic():
        keys = lock_keys(unused.filter(pk__in=oldest))
        return Picture.objects.filter(pk__in=keys).only("pk").delete()[0]


def cached(kind, url, load):
    """Return the result of `load()`, from the cache if possible; "" for an empty or failed one.

    FetchUnavailable is raised and not cached.
    """
    require_no_transaction()
    key = f"previews:{kind}:{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()}"
    result = cache.get(key)
    if result is None:
        try:
            result = load() or ""
        except FetchUnavailable:
            raise
        except FetchError as reason:
            logger.info("not fetched", extra={"kind": kind, "reason": str(reason)})
            result = ""
        cache.set(key, result, CACHED_FOR if result else FAILURE_CACHED_FOR)
    return result


def require_no_transaction():
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Nothing is fetched inside a transaction.")


def make_fetcher():
    rules = Rules(trusted=conf.trusted_addresses())
    return Fetcher(rules, user_agent=conf.get("PREVIEWS_USER_AGENT"))

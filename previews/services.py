"""What links are shown with: the front door of this app.

Nothing here is called inside a transaction that waits for it: a foreign site would hold its locks.
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
from previews.errors import NotFetched, NotNow
from previews.fetching import SECONDS, Fetcher, Wish
from previews.models import Picture
from previews.pages import describe_page
from previews.thumbnails import make_thumbnail

logger = logging.getLogger(__name__)

HTML = ("text/html", "application/xhtml+xml")
PAGE = Wish(",".join(HTML), limit=512 * 1024, types=HTML, until=b"</head")
PICTURE = Wish("image/webp,image/png,image/jpeg,image/gif", limit=4 * 1024 * 1024, whole=True)

# How long what was found is believed, and how long nothing is asked again that failed.
FOUND_SECONDS, FAILED_SECONDS = 6 * 60 * 60, 10 * 60
# Longer than an address is remembered: what is offered again is there.
UNUSED = timedelta(days=2)
PRUNED_AT_ONCE = 500
# What a picture that was long in coming still has to be made small in.
LEAST_SECONDS = 0.8


def describe(url, *, seconds=SECONDS):
    """Return what the page at `url` says about itself, in the fields of Stream's `og`, or None.

    Raises NotNow, a ConnectionError, where it could not be asked.
    """
    url = urldefrag(url).url

    def look():
        return describe_page(fetcher().fetch(url, PAGE, seconds=seconds))

    return remembered("page", url, look) or None


def picture_at(url, *, seconds=SECONDS):
    """Return the key of our own small copy of the picture at `url`, "" if there is none.

    Raises NotNow where it could not be asked for.
    """

    def look():
        until = time.monotonic() + seconds
        answer = fetcher().fetch(url, PICTURE, seconds=seconds)
        left = max(LEAST_SECONDS, until - time.monotonic())
        return save_picture(make_thumbnail(answer.body, seconds=left), source=url)

    return keep_picture(remembered("picture", url, look)) or ""


def save_picture(thumbnail, *, source):
    """Save what was made of the picture at `source`, and return its key."""
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
    """Return the key of a picture that is there, and will be for a while; None for any other.

    In a transaction it is there until that has pointed at it.
    """
    if not sha256:
        return None
    used = Picture.objects.filter(pk=sha256).update(used_at=timezone.now())
    return sha256 if used else None


def prune_pictures():
    """Delete some pictures that nothing points at; return how many."""
    with transaction.atomic():
        unused = Picture.objects.unused_since(timezone.now() - UNUSED).order_by("used_at")
        locked = unused.select_for_update()[:PRUNED_AT_ONCE]
        keys = list(locked.values_list("pk", flat=True))
        return Picture.objects.filter(pk__in=keys).only("pk").delete()[0]


def remembered(kind, url, look):
    """Return what `look()` finds, or found not long ago; what is empty or failed is "".

    That nothing could be asked is raised (NotNow) and not remembered.
    """
    refuse_in_transaction()
    key = f"previews:{kind}:{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()}"
    found = cache.get(key)
    if found is None:
        try:
            found = look() or ""
        except NotNow:
            raise
        except NotFetched as reason:
            logger.info("not fetched", extra={"kind": kind, "reason": str(reason)})
            found = ""
        cache.set(key, found, FOUND_SECONDS if found else FAILED_SECONDS)
    return found


def refuse_in_transaction():
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Nothing is fetched inside a transaction.")


def fetcher():
    rules = Rules(trusted=conf.trusted_addresses())
    return Fetcher(rules, user_agent=conf.get("PREVIEWS_USER_AGENT"))

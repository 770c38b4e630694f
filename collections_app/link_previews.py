"""Previews of links: the title, description and picture of a page, cut to the fields of a link."""

import time
from dataclasses import dataclass

from django.conf import settings

from collections_app.links import ascii_url
from collections_app.models import Content
from feeds.stream import open_graph
from previews.errors import FetchUnavailable
from previews.models import picture_url
from previews.services import fetch_picture, require_no_transaction

# Seconds for the page and its picture together.
TIMEOUT = 5
# Less time is not enough for a picture, and the failure would be cached.
MIN_SECONDS = 0.3
# Pictures of a page to try, and how much of the time left one may take if others follow.
MAX_PICTURES, SHARE = 6, 0.6


@dataclass(frozen=True)
class LinkPreview:
    """The preview of a page; `picture` is the key of a stored picture, `image` its URL, or "".

    `picture` is None if nothing could be fetched; a later attempt may find one.
    """

    title: str = ""
    description: str = ""
    picture: str | None = ""
    image: str = ""


def preview(url):
    """Return the LinkPreview of `url`, an empty one if the page has no such data.

    Fetches from other sites, which takes seconds: raises TransactionManagementError in a
    transaction.
    """
    require_no_transaction()
    if not settings.LINK_PREVIEWS:
        return LinkPreview()
    started = time.monotonic()
    # The resolver would look up a host in other letters by IDNA 2003, which may be another one.
    page = open_graph.describe(ascii_url(url), seconds=TIMEOUT)
    if page is None:
        return LinkPreview(picture=None)
    picture = first_picture(page, seconds=TIMEOUT - (time.monotonic() - started))
    return LinkPreview(
        title=shorten("title", page),
        description=shorten("description", page),
        picture=picture,
        image=picture_url(picture),
    )


def first_picture(page, *, seconds):
    """Return the key of the first good picture of a page, "" for none, None if out of time."""
    deadline, picture = time.monotonic() + seconds, ""
    urls = image_urls(page)
    for number, url in enumerate(urls, start=1):
        left = deadline - time.monotonic()
        if left <= MIN_SECONDS:
            return None
        share = left if number == len(urls) else max(MIN_SECONDS, left * SHARE)
        try:
            key = fetch_picture(url, seconds=share)
        except FetchUnavailable:
            picture = None
            continue
        if key:
            return key
    return picture


def image_urls(page):
    """Return the first URLs of pictures in Stream's fields of a page."""
    images = page.get("images")
    urls = [
        image["image"]
        for image in (images if isinstance(images, list) else [])
        if isinstance(image, dict) and isinstance(image.get("image"), str) and image["image"]
    ]
    return list(dict.fromkeys(urls))[:MAX_PICTURES]


def shorten(name, page):
    """Return a text of a page, no longer than the field of that name."""
    text, limit = str(page.get(name) or ""), Content._meta.get_field(name).max_length
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"

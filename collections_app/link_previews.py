"""What the page of a link says about itself, cut to what a link can hold."""

import time
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings

from collections_app.models import Content
from feeds.stream import open_graph
from previews.errors import NotNow
from previews.models import address_of
from previews.services import picture_at, refuse_in_transaction

# For the page and its picture together.
SECONDS = 5
# In less nothing is fetched, and it would be remembered that nothing was.
LEAST_SECONDS = 0.3


@dataclass(frozen=True)
class LinkPreview:
    """`picture` is the key of a picture of ours, `image` where this site shows it; "" for none.

    `picture` is None where it could not be looked for: another time there may be one.
    """

    title: str = ""
    description: str = ""
    picture: str | None = ""
    image: str = ""


def preview(url):
    """Return the LinkPreview of `url`, an empty one where there is nothing to be had.

    Asks foreign sites, so it takes a while, and raises TransactionManagementError in a transaction.
    """
    refuse_in_transaction()
    if not settings.LINK_PREVIEWS:
        return LinkPreview()
    started = time.monotonic()
    found = open_graph.describe(url, seconds=SECONDS)
    if found is None:
        return LinkPreview(picture=None)
    picture = picture_of(found, seconds=SECONDS - (time.monotonic() - started))
    return LinkPreview(
        title=fitting("title", found),
        description=fitting("description", found),
        picture=picture,
        image=address_of(picture),
    )


def picture_of(found, *, seconds):
    """Return the key of the first picture that a page names, "" if none, None if out of time."""
    match found.get("images"):
        case [{"image": str(url)}, *_] if url:
            with suppress(NotNow):
                return picture_at(url, seconds=seconds) if seconds > LEAST_SECONDS else None
            return None
    return ""


def fitting(name, found):
    """Return a text that was found, no longer than the field of that name."""
    text, limit = str(found.get(name) or ""), Content._meta.get_field(name).max_length
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"

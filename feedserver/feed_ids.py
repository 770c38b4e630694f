"""The id of a feed: the slug of its group and its id inside the group."""

import re
from typing import NamedTuple

from feedserver import conf
from feedserver.errors import InvalidInput
from feedserver.groups import get_group

_ID = re.compile(r"[\w-]{1,255}")


class FeedId(NamedTuple):
    slug: str
    user_id: str

    def __str__(self):
        return f"{self.slug}:{self.user_id}"

    @property
    def claim(self):
        """Return slug and id without a separator, as tokens name a feed."""
        return self.slug + self.user_id


def make_feed_id(slug, user_id, *, field=None):
    """Return the id of a feed; raise ApiError for an unknown group or an invalid id."""
    get_group(slug)
    if not _ID.fullmatch(user_id):
        raise InvalidInput(f"'{slug}:{user_id}' is not a valid feed id.", field=field)
    feed_id = FeedId(slug, user_id)
    owner = group_of_claim(feed_id.claim)
    if owner != slug:
        raise InvalidInput(
            f"'{feed_id}' is not a valid feed id: it reads as a feed of the group '{owner}'.",
            field=field,
        )
    return feed_id


def parse_feed_id(text, *, field=None):
    """Return the feed id in a text `slug:id`."""
    slug, colon, user_id = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not (slug and colon):
        raise InvalidInput("A feed id must be a string like 'user:1'.", field=field)
    return make_feed_id(slug, user_id, field=field)


def group_of_claim(claim):
    """Return the group of a claim (slug and id without a separator): the longest that matches.

    `make_feed_id` rejects feeds that would match another group, so each claim names one feed.
    """
    return max((slug for slug in conf.groups() if claim.startswith(slug)), key=len, default=None)

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
        """Slug and id run together, as tokens name a feed."""
        return self.slug + self.user_id


def make_feed_id(slug, user_id, *, field=None):
    """Return the id of a feed that may exist: its group is configured, its id well formed."""
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
    """Return the id of the feed that `slug:id` names."""
    slug, colon, user_id = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not (slug and colon):
        raise InvalidInput("A feed id must be a string like 'user:1'.", field=field)
    return make_feed_id(slug, user_id, field=field)


def group_of_claim(claim):
    """Return the slug that slug and id run together belong to: the longest they start with.

    As feeds that read otherwise cannot exist, no claim can be taken for a feed of another group.
    """
    return max((slug for slug in conf.groups() if claim.startswith(slug)), key=len, default=None)

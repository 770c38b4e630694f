"""Tokens with which a browser may read one feed, and nothing else, for a while."""

import time
from dataclasses import dataclass

from stream_django.client import stream_client

from feeds import conf
from feeds.stream import groups


@dataclass(frozen=True)
class Token:
    """A read-only token; `expires` is in Unix seconds."""

    value: str
    expires: int


def read_token(group, feed_id):
    """Return a token that reads the feed `group:feed_id` for FEEDS_TOKEN_SECONDS.

    Its claims are those of Stream's read-only tokens: resource "*", action "read" and the feed,
    slug and id run together.
    """
    expires = int(time.time()) + conf.get("FEEDS_TOKEN_SECONDS")
    value = stream_client.create_jwt_token("*", "read", feed_id=f"{group}{feed_id}", exp=expires)
    return Token(value, expires)


def may_read(user, group, feed_id):
    """Return whether `user` may read a feed: private ones are their owner's, others everyone's.

    The default of FEEDS_MAY_READ. A token names a feed by slug and id run together, so whatever
    reads as a private feed is one: the "ine7" of a group "timel" would open timeline:7.
    """
    claim = f"{group}{feed_id}"
    private_groups = groups.private()
    if not claim.startswith(tuple(private_groups)):
        return True
    return group in private_groups and user.is_authenticated and feed_id == str(user.pk)

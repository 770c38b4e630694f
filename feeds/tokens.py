"""Tokens with which a browser may read one feed, and nothing else, for a while."""

import time
from dataclasses import dataclass

from stream_django.client import stream_client

from feeds import conf

PRIVATE_GROUPS = {"timeline", "notification"}


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
    """Default of FEEDS_MAY_READ: private feeds are their owner's, all others everyone's.

    A token names a feed by slug and id run together, so what reads as a private feed is one:
    the "ine7" of a group "timel" would open timeline:7.
    """
    claim = f"{group}{feed_id}"
    if not any(claim.startswith(private) for private in PRIVATE_GROUPS):
        return True
    return group in PRIVATE_GROUPS and user.is_authenticated and feed_id == str(user.pk)

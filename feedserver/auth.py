"""Who may call: the API key, the token's signature and what it was made out for."""

import hmac
from dataclasses import dataclass

import jwt

from feedserver import conf, policies
from feedserver.bodies import as_text
from feedserver.errors import InvalidToken, NotAllowed, UnknownApiKey
from feedserver.users import is_user_id

_ANY = "*"


@dataclass(frozen=True)
class Token:
    """A token whose signature and time are good, and what it claims."""

    claims: dict

    @property
    def is_user_token(self):
        """Made out for a person rather than for resource and action."""
        return "user_id" in self.claims and not {"resource", "action"} & self.claims.keys()

    @property
    def user_id(self):
        """The person's id; "" in a token that names none, or one of a server.

        An id that no user can have is none: "SU:ben" would pass for a reference to ben.
        """
        value = as_text(self.claims.get("user_id"))
        good = self.is_user_token and isinstance(value, str) and is_user_id(value)
        return value if good else ""

    def allows(self, *, resource, action, feed_id=None):
        """Whether it covers the call; what concerns no single feed needs a token for all."""
        feed = feed_id.claim if feed_id else _ANY
        return (
            self._covers("resource", resource)
            and self._covers("action", action)
            and self._covers("feed_id", feed)
        )

    def _covers(self, claim, wanted):
        value = self.claims.get(claim)
        return isinstance(value, str) and not {_ANY, wanted}.isdisjoint(value.split(","))


def authenticate(request):
    """Return the token of a request that has the right key and a good signature."""
    _check_api_key(request.GET.get("api_key", ""))
    return _decode(request.headers.get("Authorization", ""))


def authorize(token, *, resource, action, feed_id=None, owner=None):
    """Raise NotAllowed unless `token` may do `action` to `resource` (of that feed, if named).

    `owner` returns the id of the person whose it is; it is called for people's tokens alone.
    """
    what = {"resource": resource, "action": action, "feed_id": feed_id}
    if token.is_user_token:
        allowed = bool(token.user_id) and policies.may(token.user_id, owner=owner, **what)
    else:
        allowed = token.allows(**what)
    if not allowed:
        raise NotAllowed()


def authorize_feeds(token, feed_ids, *, action):
    """Raise NotAllowed for a person who may not do `action` to each of `feed_ids`.

    A server's token for one feed is enough for those it writes to from there.
    """
    if token.is_user_token:
        for feed_id in feed_ids:
            authorize(token, resource="feed", action=action, feed_id=feed_id)


def authorize_author(token, actors):
    """Raise NotAllowed for a person who speaks for another."""
    if token.is_user_token and not all(policies.is_self(token.user_id, one) for one in actors):
        raise NotAllowed()


def _check_api_key(given):
    expected = conf.api_key()
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise UnknownApiKey("api_key not found")


def _decode(text):
    secret = conf.api_secret()
    if not secret:
        raise InvalidToken("Authentication failed.")
    try:
        claims = jwt.decode(
            text,
            secret,
            algorithms=["HS256"],
            options=dict.fromkeys(("verify_aud", "verify_iat", "verify_sub", "verify_jti"), False),
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        raise InvalidToken("Authentication failed: the token is missing, invalid or expired.")
    return Token(claims)

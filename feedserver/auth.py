"""Authentication by API key and signed token, and authorization by the token's claims."""

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
    """The claims of a token whose signature and time are valid."""

    claims: dict

    @property
    def is_user_token(self):
        """Return whether the token is for a user rather than for a resource and an action."""
        return "user_id" in self.claims and not {"resource", "action"} & self.claims.keys()

    @property
    def user_id(self):
        """Return the user's id; "" in a server token, and for an id that no user can have.

        An id "SU:ben" could be mistaken for a reference to the user "ben".
        """
        value = as_text(self.claims.get("user_id"))
        is_valid = self.is_user_token and isinstance(value, str) and is_user_id(value)
        return value if is_valid else ""

    def allows(self, *, resource, action, feed_id=None):
        """Return whether the claims cover a request; one without a feed needs all feeds."""
        feed = feed_id.claim if feed_id else _ANY
        return (
            self._covers("resource", resource)
            and self._covers("action", action)
            and self._covers("feed_id", feed)
        )

    def _covers(self, claim, name):
        value = self.claims.get(claim)
        return isinstance(value, str) and not {_ANY, name}.isdisjoint(value.split(","))


def authenticate(request):
    """Return the token of a request; raise UnknownApiKey or InvalidToken."""
    _check_api_key(request.GET.get("api_key", ""))
    return _decode(request.headers.get("Authorization", ""))


def authorize(token, *, resource, action, feed_id=None, owner=None):
    """Raise NotAllowed unless `token` allows `action` on `resource` (of that feed, if given).

    `owner` is a function that returns the id of the owning user; it is called for user tokens only.
    """
    target = {"resource": resource, "action": action, "feed_id": feed_id}
    if token.is_user_token:
        allowed = bool(token.user_id) and policies.is_allowed(token.user_id, owner=owner, **target)
    else:
        allowed = token.allows(**target)
    if not allowed:
        raise NotAllowed()


def authorize_feeds(token, feed_ids, *, action):
    """Raise NotAllowed for a user token that does not allow `action` on each of `feed_ids`.

    With a server token for a feed, its activities may have any target feeds.
    """
    if token.is_user_token:
        for feed_id in feed_ids:
            authorize(token, resource="feed", action=action, feed_id=feed_id)


def authorize_author(token, actors):
    """Raise NotAllowed for a user token if any of `actors` is another user."""
    if token.is_user_token and not all(policies.is_self(token.user_id, actor) for actor in actors):
        raise NotAllowed()


def _check_api_key(key):
    expected = conf.api_key()
    if not expected or not hmac.compare_digest(key.encode(), expected.encode()):
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

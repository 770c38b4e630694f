"""Who may call: the API key, the token's signature and what it was made out for."""

import hmac
from dataclasses import dataclass

import jwt

from feedserver import conf
from feedserver.errors import InvalidToken, NotAllowed, UnknownApiKey

_ANY = "*"


@dataclass(frozen=True)
class Token:
    """A token whose signature and time are good, and what it claims."""

    claims: dict

    @property
    def is_user_token(self):
        """Made out for a person rather than for resource and action."""
        return "user_id" in self.claims and not {"resource", "action"} & self.claims.keys()

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


def authorize(token, *, resource, action, feed_id=None):
    """Raise NotAllowed unless `token` may do `action` to `resource` (of that feed, if named)."""
    # Policies for people's own tokens belong here; until there are some, they open nothing.
    if token.is_user_token or not token.allows(resource=resource, action=action, feed_id=feed_id):
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

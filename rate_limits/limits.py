"""Limits on how often one person or address may do something.

Uses are counted in the cache by django-ratelimit, in windows of fixed length.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.timesince import timeuntil
from django_ratelimit.core import get_usage
from django_ratelimit.exceptions import Ratelimited


@dataclass(frozen=True)
class RateLimit:
    """At most `rate` ("20/m", "200/d") uses of `name`, counted for each value of `key`.

    `key` is django-ratelimit's: "user", "ip", or a function of group and request.
    """

    name: str
    rate: str
    key: Any = "user"


class LimitExceeded(Ratelimited):
    """A limit is used up; `seconds` is the time until the next use is allowed, at least 1."""

    def __init__(self, seconds):
        super().__init__(f"allowed again in {seconds} s")
        self.seconds = max(int(seconds), 1)

    @property
    def minutes(self):
        """Return the time until the next use in minutes, rounded up."""
        return -(-self.seconds // 60)

    @property
    def time_left(self):
        """Return the time until the next use as a text ("2 minutes")."""
        now = timezone.now()
        return timeuntil(now + timedelta(minutes=self.minutes), now)


def count_use(request, *limits):
    """Count one use against every one of `limits`; raise LimitExceeded if one is used up.

    A use that is refused by one limit counts against none.
    """
    if exhausted := [usage for usage in _usages(request, limits) if _is_exhausted(usage)]:
        raise LimitExceeded(_longest_wait(exhausted))
    # Uses at the same moment are all counted before any of them is compared with the limit.
    counted = _usages(request, limits, increment=True)
    if exceeded := [usage for usage in counted if usage["should_limit"]]:
        raise LimitExceeded(_longest_wait(exceeded))


def _usages(request, limits, *, increment=False):
    usages = [
        get_usage(request, group=limit.name, key=limit.key, rate=limit.rate, increment=increment)
        for limit in limits
    ]
    return [usage for usage in usages if usage]


def _is_exhausted(usage):
    return usage["count"] >= usage["limit"]


def _longest_wait(usages):
    return max(usage["time_left"] for usage in usages)

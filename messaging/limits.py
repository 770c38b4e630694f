"""How much one may write within a time."""

from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timeuntil
from django_ratelimit.core import get_usage


def seconds_to_wait(request, rates):
    """Count one more message of the person who asks; return 0, or how long it is one too many.

    `rates` are pairs of a name and a rate such as "20/m". A message that is refused because of one
    counts for none of them.
    """
    if full := [usage for usage in _usages(request, rates) if usage["count"] >= usage["limit"]]:
        return _longest(full)
    # Whoever sends several at the very same moment is counted right all the same.
    counted = _usages(request, rates, increment=True)
    return _longest([usage for usage in counted if usage["should_limit"]])


def time_to_wait(seconds):
    """Return how long to wait as a text, in minutes that have begun ("2 minutes")."""
    now = timezone.now()
    return timeuntil(now + timedelta(seconds=seconds + 59), now)


def _usages(request, rates, *, increment=False):
    usages = [
        get_usage(request, group=name, key="user", rate=rate, increment=increment)
        for name, rate in rates
    ]
    return [usage for usage in usages if usage]


def _longest(usages):
    return max((max(usage["time_left"], 1) for usage in usages), default=0)

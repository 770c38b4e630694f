"""The limit on searches."""

from allauth.account.adapter import get_adapter
from django.conf import settings

from rate_limits.limits import RateLimit, count_use


def count_search(request):
    """Count a search by a person or an address; raise LimitExceeded beyond the limit."""
    count_use(request, RateLimit("search", f"{settings.SEARCHES_PER_MINUTE}/m", key=_searcher))


def _searcher(group, request):
    if request.user.is_authenticated:
        return f"person {request.user.pk}"
    return f"visitor {get_adapter(request).get_client_ip(request)}"

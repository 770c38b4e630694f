"""How often one may search."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django_ratelimit.core import get_usage
from django_ratelimit.exceptions import Ratelimited


def count_search(request):
    """Count one more search of a person, or of a visitor's address; raise Ratelimited over it."""
    rate = f"{settings.SEARCHES_PER_MINUTE}/m"
    usage = get_usage(request, group="search", key=_searcher, rate=rate, increment=True)
    if usage and usage["should_limit"]:
        raise Ratelimited


def _searcher(group, request):
    if request.user.is_authenticated:
        return f"person {request.user.pk}"
    return f"visitor {get_adapter(request).get_client_ip(request)}"

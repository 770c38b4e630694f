"""Health checks: the site for load balancers, the feeds for monitoring."""

import logging
import secrets

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from feeds.outbox.entries import backlog

logger = logging.getLogger("socialnet")


@require_safe
def healthz(request):
    """Return 200 if database and cache work, 503 otherwise, without loading a session."""
    works = database_works() and cache_works()
    response = HttpResponse(
        "ok\n" if works else "unavailable\n",
        content_type="text/plain",
        status=200 if works else 503,
    )
    add_never_cache_headers(response)
    return response


@require_safe
def healthz_feeds(request):
    """Return the outbox's backlog to staff and holders of HEALTH_TOKEN; 503 if it is too old."""
    if not (has_token(request) or is_staff(request.user)):
        return JsonResponse({"detail": "There is no such page."}, status=404)
    pending = backlog()
    is_late = (pending["oldest_age"] or 0) > settings.FEEDS_MAX_DELAY
    response = JsonResponse(pending, status=503 if is_late else 200)
    add_never_cache_headers(response)
    return response


healthz.is_background = healthz_feeds.is_background = True


def database_works():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except Exception:  # a driver or its pool may raise anything
        logger.warning("database does not answer", exc_info=True)
        return False


def cache_works():
    try:
        cache.set("healthz", "ok", timeout=10)
        return cache.get("healthz") == "ok"
    except Exception:  # a cache backend may raise anything
        logger.warning("cache does not answer", exc_info=True)
        return False


def has_token(request):
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = token or request.GET.get("token", "")
    expected = settings.HEALTH_TOKEN
    return bool(expected) and secrets.compare_digest(token.encode(), expected.encode())


def is_staff(user):
    return user.is_active and user.is_staff

"""Whether the site works, for load balancers, and whether feeds keep up, for monitoring."""

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
    """Answer 200 if database and cache do, 503 otherwise; no session, nobody is asked for."""
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
    """Tell staff, and who has HEALTH_TOKEN, what waits for Stream: 503 if for too long."""
    if not (has_token(request) or is_staff(request.user)):
        return JsonResponse({"detail": "There is no such page."}, status=404)
    waiting = backlog()
    is_late = (waiting["oldest_age"] or 0) > settings.FEEDS_MAX_DELAY
    response = JsonResponse(waiting, status=503 if is_late else 200)
    add_never_cache_headers(response)
    return response


healthz.is_background = healthz_feeds.is_background = True


def database_works():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except Exception:  # whatever a database, its pool or its driver raises
        logger.warning("database does not answer", exc_info=True)
        return False


def cache_works():
    try:
        cache.set("healthz", "ok", timeout=10)
        return cache.get("healthz") == "ok"
    except Exception:  # whatever a cache raises
        logger.warning("cache does not answer", exc_info=True)
        return False


def has_token(request):
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    given = given or request.GET.get("token", "")
    known = settings.HEALTH_TOKEN
    return bool(known) and secrets.compare_digest(given.encode(), known.encode())


def is_staff(user):
    return user.is_active and user.is_staff

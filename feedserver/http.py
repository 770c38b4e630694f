"""The one way in: an HTTP request becomes a call, whatever it returns or raises becomes JSON."""

import logging
import time

from django.core.exceptions import SuspiciousOperation
from django.http import JsonResponse
from django.urls import Resolver404, resolve

from feedserver.auth import authenticate
from feedserver.errors import ApiError, InternalError, InvalidInput, MethodNotAllowed, NotFound

logger = logging.getLogger(__name__)

URLCONF = "feedserver.urls"
CREATED = {"POST", "PUT"}


def respond(request):
    """Answer `request` with a JSON object that has a `duration`, whatever happens.

    Used by the middleware and by the in-process transport alike: no request signals, no other
    middleware, the caller's connection and transaction.
    """
    started = time.perf_counter()
    headers = {}
    try:
        body, status = _call(request), 201 if request.method in CREATED else 200
    except ApiError as error:
        body, status, headers = error.body(), error.status, error.headers
    except Exception:  # the promise is JSON for every request; what went wrong is in the log
        logger.exception("error", extra={"method": request.method})
        error = InternalError()
        body, status = error.body(), error.status
    milliseconds = (time.perf_counter() - started) * 1000
    body = {**body, "duration": f"{milliseconds:.2f}ms"}
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store", **headers})


def _call(request):
    try:
        request.resolver_match = resolve(request.path_info, urlconf=URLCONF)
        refuse_nul(request)
    except Resolver404:
        raise NotFound("There is nothing at this address.")
    except SuspiciousOperation:
        raise InvalidInput("The query string could not be read.")
    return request.resolver_match.func(request, **request.resolver_match.kwargs)


def refuse_nul(request):
    """Refuse the one character that PostgreSQL cannot store, wherever the address has it."""
    values = [value for _, values in request.GET.lists() for value in values]
    if any("\0" in text for text in (request.path_info, *values)):
        raise InvalidInput("The address holds a NUL.")


def endpoint(**calls):
    """Return the view that makes the call named by the method, with the token it came with.

    Each call takes the request, whose `token` is checked, and the parts of the path; it returns
    the answer's fields and raises ApiError.
    """

    def view(request, **kwargs):
        call = calls.get("GET" if request.method == "HEAD" else request.method)
        if call is None:
            raise MethodNotAllowed(request.method, calls)
        request.token = authenticate(request)
        return call(request, **kwargs)

    return view

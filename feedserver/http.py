"""The entry point: an HTTP request is dispatched to a view, and its result or error is JSON."""

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
    """Return a JSON object with a `duration` for any request and any error.

    The middleware and the in-process transport both use this. It sends no request signals, runs no
    other middleware, and uses the caller's connection and transaction.
    """
    started = time.perf_counter()
    headers = {}
    try:
        body, status = _call(request), 201 if request.method in CREATED else 200
    except ApiError as error:
        body, status, headers = error.body(), error.status, error.headers
    except Exception:  # every response must be JSON; the traceback is in the log
        logger.exception("error", extra={"method": request.method})
        error = InternalError()
        body, status = error.body(), error.status
    milliseconds = (time.perf_counter() - started) * 1000
    body = {**body, "duration": f"{milliseconds:.2f}ms"}
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store", **headers})


def _call(request):
    try:
        request.resolver_match = resolve(request.path_info, urlconf=URLCONF)
        _reject_nul(request)
    except Resolver404:
        raise NotFound("There is nothing at this address.")
    except SuspiciousOperation:
        raise InvalidInput("The query string could not be read.")
    return request.resolver_match.func(request, **request.resolver_match.kwargs)


def _reject_nul(request):
    """Raise InvalidInput for the one character that PostgreSQL cannot store."""
    values = [value for _, values in request.GET.lists() for value in values]
    if any("\0" in text for text in (request.path_info, *values)):
        raise InvalidInput("The address holds a NUL.")


def endpoint(**calls):
    """Return a view that authenticates the request and dispatches it by its method.

    Each of `calls` takes the request, which has a `token`, and the parameters of the path. It
    returns the fields of the response or raises ApiError.
    """

    def view(request, **kwargs):
        call = calls.get("GET" if request.method == "HEAD" else request.method)
        if call is None:
            raise MethodNotAllowed(request.method, calls)
        request.token = authenticate(request)
        return call(request, **kwargs)

    return view

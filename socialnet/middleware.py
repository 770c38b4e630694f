"""Middleware for request logs and for forms with errors."""

import logging
import time

logger = logging.getLogger("socialnet.request")


class RequestLogMiddleware:
    """Log one line per request: method, route, status, milliseconds and the user's id.

    The route is the URL pattern, not the path, which may contain a name or a key.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        response = self.get_response(request)
        match = getattr(request, "resolver_match", None)
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        logger.log(
            level,
            "request",
            extra={
                "method": request.method if request.method in HTTP_METHODS else "other",
                "route": match.route if match else None,
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                "person": _person_id(request),
            },
        )
        return response


def log_exception(sender, request=None, **kwargs):
    """Log an unhandled exception (Django's signal `got_request_exception`)."""
    logger.error("error", exc_info=True)


HTTP_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _person_id(request):
    """Return the signed-in user's id if the view loaded the user, to save a query otherwise."""
    user = getattr(request, "_cached_user", None)
    return user.pk if user else None


class InvalidFormMiddleware:
    """Change the status from 200 to 422 where a page shows a posted form with errors.

    Covers all views that return a TemplateResponse, including those of allauth.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if (
            request.method == "POST"
            and response.status_code == 200
            and getattr(form, "errors", None)
        ):
            response.status_code = 422
        return response

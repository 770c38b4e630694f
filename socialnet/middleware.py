"""What happens around every request."""

import logging
import time

logger = logging.getLogger("socialnet.request")


class RequestLogMiddleware:
    """Log one line per request: method, route, status, milliseconds and the person's id.

    The route is the URL pattern, not the path, which may hold a name or a key.
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
    """Log what no view or middleware answered (Django's signal `got_request_exception`)."""
    logger.error("error", exc_info=True)


HTTP_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _person_id(request):
    """Return the signed-in person's id if the view already asked; a log line costs no query."""
    user = getattr(request, "_cached_user", None)
    return user.pk if user else None


class InvalidFormMiddleware:
    """Answer 422 instead of 200 where a posted form comes back with errors.

    Serves every form of the site, allauth's included, that is answered with a TemplateResponse.
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

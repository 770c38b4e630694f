from feedserver.http import respond

# Stream has a host for each of these services; clients can be configured to use one for all.
PREFIXES = ("/api/v1.0/", "/analytics/v1.0/", "/personalization/v1.0/")


class FeedServerMiddleware:
    """Handle all requests under Stream's prefixes.

    It must come first in MIDDLEWARE, before sessions, CSRF and the check of the host: then every
    response, errors included, is JSON in Stream's format.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(PREFIXES):
            return respond(request)
        return self.get_response(request)

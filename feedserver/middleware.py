from feedserver.http import respond

# Stream has a host for each of these services; its clients send all to one if told to.
PREFIXES = ("/api/v1.0/", "/analytics/v1.0/", "/personalization/v1.0/")


class FeedServerMiddleware:
    """Answer everything under Stream's prefixes, before sessions, CSRF and the check of the host.

    It comes first so that no path, method, host or body there is answered in anything but
    Stream's own JSON.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(PREFIXES):
            return respond(request)
        return self.get_response(request)

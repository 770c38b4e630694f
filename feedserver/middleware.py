from feedserver.http import respond

PREFIX = "/api/v1.0/"


class FeedServerMiddleware:
    """Answer everything under `/api/v1.0/`, before sessions, CSRF and the check of the host.

    It comes first so that no path, method, host or body there is answered in anything but
    Stream's own JSON.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(PREFIX):
            return respond(request)
        return self.get_response(request)

"""The feed API as a WSGI application without the project's URLs and middleware."""

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import JsonResponse

from feedserver.http import respond

# Browsers may send any request from any origin: users are authenticated by tokens, not by cookies.
CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization,Content-Type,Stream-Auth-Type,X-Stream-Client",
    "Access-Control-Max-Age": "86400",
}


class FeedServer(WSGIHandler):
    """A WSGI application that handles every request as the feed API."""

    def __call__(self, environ, start_response):
        # Every body is read as JSON, and Django fails on some content types.
        return super().__call__({**environ, "CONTENT_TYPE": ""}, start_response)

    def load_middleware(self, is_async=False):
        """Load none: the project's middleware is for its pages."""

    def get_response(self, request):
        response = respond_to_preflight() if request.method == "OPTIONS" else respond(request)
        for name, value in CORS_HEADERS.items():
            response[name] = value
        response._resource_closers.append(request.close)
        return response


def respond_to_preflight():
    """Return the response to a CORS preflight request, which has no token."""
    return JsonResponse({"duration": "0.00ms"})


def make_application():
    """Set up Django and return the application, once in every serving process."""
    django.setup(set_prefix=False)
    return FeedServer()

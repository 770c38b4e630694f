"""The feed API as a WSGI application of its own, with nothing of the project's around it."""

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import JsonResponse

from feedserver.http import respond

# What browsers of other origins may do: everything, for no cookie says who they are.
FOREIGN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization,Content-Type,Stream-Auth-Type,X-Stream-Client",
    "Access-Control-Max-Age": "86400",
}


class FeedServer(WSGIHandler):
    """Answer every request as the feed API, whatever middleware and addresses the project has."""

    def __call__(self, environ, start_response):
        # Every body is read as JSON, and Django breaks on some types that a client may claim.
        return super().__call__({**environ, "CONTENT_TYPE": ""}, start_response)

    def load_middleware(self, is_async=False):
        """Load none: the project's is for its pages."""

    def get_response(self, request):
        answer = respond_to_preflight() if request.method == "OPTIONS" else respond(request)
        for name, value in FOREIGN.items():
            answer[name] = value
        answer._resource_closers.append(request.close)
        return answer


def respond_to_preflight():
    """Return the answer to a browser that asks what it may send: it asks without a token."""
    return JsonResponse({"duration": "0.00ms"})


def make_application():
    """Set up Django and return the application; called once in every process that serves."""
    django.setup(set_prefix=False)
    return FeedServer()

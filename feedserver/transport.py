"""Requests to the embedded server without a network: an adapter for Stream's Python client."""

from io import BytesIO
from urllib.parse import unquote_to_bytes, urlsplit

from django.core.handlers.wsgi import WSGIRequest
from requests import Response
from requests.adapters import BaseAdapter

from feedserver.http import respond


class FeedServerAdapter(BaseAdapter):
    """An adapter that handles a client's requests in its own process, thread and transaction.

    Django's request handler and test client both close the caller's connection, even inside an
    atomic block.
    """

    def send(self, request, **kwargs):
        """Return the `requests.Response` to a `requests.PreparedRequest`."""
        django_response = respond(WSGIRequest(_environ(request)))
        response = Response()
        response.status_code = django_response.status_code
        response.headers.update(django_response.headers)
        response.url, response.request, response.encoding = request.url, request, "utf-8"
        response._content, response._content_consumed = django_response.content, True
        response.raw = BytesIO(django_response.content)
        return response

    def close(self):
        """Do nothing: there is no connection."""


def _environ(request):
    """Return the WSGI environment (PEP 3333) of a prepared request."""
    address = urlsplit(request.url)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()
    }
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(address.path).decode("latin-1"),
        "QUERY_STRING": address.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": str(address.port or 443),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": address.scheme,
    }

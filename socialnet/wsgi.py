"""The WSGI application that granian serves."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialnet.settings")


class Request(WSGIRequest):
    """A request whose text is UTF-8, whatever it says of its body: Django breaks on some types."""

    def _set_content_type_params(self, meta):
        try:
            parts = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            parts = "", {}
        self.content_type, self.content_params = parts


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()

"""The WSGI application that granian serves."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialnet.settings")


class Request(WSGIRequest):
    """A request that is always decoded as UTF-8. Django crashes on some Content-Type headers."""

    def _set_content_type_params(self, meta):
        try:
            content_type = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            content_type = "", {}
        self.content_type, self.content_params = content_type


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()

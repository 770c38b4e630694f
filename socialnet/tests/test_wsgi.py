"""Requests that crash Django's own handler before any middleware runs."""

from io import BytesIO

import pytest

from socialnet.wsgi import application

# The handler closes old database connections after each request.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html; charset*=nope''x",
        "application/x-www-form-urlencoded; charset=hex",
        "application/x-www-form-urlencoded; charset=undefined",
        "multipart/form-data; boundary=x; charset=punycode",
        ";;=",
        "\xff",
    ],
)
def test_any_content_type_is_handled(content_type):
    assert post("/accounts/login/", content_type) == 403
    assert post("/nowhere/", content_type) == 404
    assert post("/api/v1.0/nowhere/", content_type) == 401


def post(path, content_type):
    statuses = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "next=%C3%A9",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": "3",
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "wsgi.input": BytesIO(b"a=1"),
        "wsgi.url_scheme": "http",
    }
    application(environ, lambda status, headers: statuses.append(int(status[:3]))).close()
    return statuses[0]

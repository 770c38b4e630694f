"""Requests that break Django before any middleware or view is asked."""

from io import BytesIO

import pytest

from socialnet.wsgi import application

# The handler ends a connection that is too old with each request.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "kind",
    [
        "text/html; charset*=nope''x",
        "application/x-www-form-urlencoded; charset=hex",
        "application/x-www-form-urlencoded; charset=undefined",
        "multipart/form-data; boundary=x; charset=punycode",
        ";;=",
        "\xff",
    ],
)
def test_no_type_of_a_body_breaks_the_site(kind):
    assert post("/accounts/login/", kind) == 403
    assert post("/nowhere/", kind) == 404
    assert post("/api/v1.0/nowhere/", kind) == 401


def post(path, kind):
    statuses = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "next=%C3%A9",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": "3",
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "wsgi.input": BytesIO(b"a=1"),
        "wsgi.url_scheme": "http",
    }
    application(environ, lambda status, headers: statuses.append(int(status[:3]))).close()
    return statuses[0]

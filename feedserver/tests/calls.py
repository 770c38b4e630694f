"""Requests that official clients do not send, and checks of their responses."""

import json

import jwt
import pytest
from django.db import connection
from django.urls import URLResolver, get_resolver

from feedserver import conf

SERVER = {"resource": "*", "action": "*", "feed_id": "*"}
ARGUMENTS = {
    "slug": "user",
    "user_id": "1",
    "activity_id": "a:1",
    "target": "user:2",
    "collection": "food",
    "object_id": "1",
    "name": "1",
    "value": "1",
    "kind": "like",
    "service": "personalization",
    "rest": "more/",
}


def sign(claims, *, secret=None, algorithm="HS256"):
    return jwt.encode(claims, conf.api_secret() if secret is None else secret, algorithm=algorithm)


def send(client, path, method="get", *, body=b"", token=None, key=None, query="", **headers):
    """Send raw bytes with `token`, by default that of a server."""
    address = path if path.startswith("/") else f"/api/v1.0/{path}"
    return client.generic(
        method.upper(),
        f"{address}?api_key={key or conf.api_key()}{query}",
        body,
        content_type="application/json",
        headers={"authorization": sign(SERVER) if token is None else token, **headers},
    )


def call_api(client, path, method="get", claims=None, body=None, **options):
    return send(
        client,
        path,
        method,
        body=b"" if body is None else json.dumps(body).encode(),
        token=sign(claims or SERVER),
        **options,
    )


def check_error(answer, status, code):
    """Assert that the response is an error in Stream's format."""
    body = answer.json()
    keys = {"code", "detail", "duration", "exception", "more_info", "status_code"}
    assert body.keys() - {"exception_fields"} == keys
    assert (answer.status_code, body["code"], body["status_code"]) == (status, code, status)
    assert body["exception"]
    assert body["detail"]
    assert body["duration"].endswith("ms")
    return body


def paths(resolver=None, prefix="", **arguments):
    """Yield the path of every URL of the API, with arguments filled in."""
    for pattern in (resolver or get_resolver("feedserver.urls")).url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from paths(pattern, route, **arguments)
        else:
            for name, value in {**ARGUMENTS, **arguments}.items():
                route = route.replace(f"<str:{name}>", value).replace(f"<path:{name}>", value)
            # Stream's other services are outside the API's prefix.
            api = "api/v1.0/"
            yield route.removeprefix(api) if route.startswith(api) else f"/{route}"


def slow(*values):
    """Return parameters of tests that only `make test-slow` runs."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def query_plan(sql):
    """Return the query plan of a statement, as if its tables were large."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {sql}")
        return " ".join(str(row) for row in cursor.fetchall()).replace(" ", "")

"""Whatever is sent: no error of ours, and every answer a JSON object with a duration.

`python -m benchmarks.malformed --requests 100000` tries more of the same.
"""

import time

import pytest

from feedserver.server import FeedServer
from feedserver.tests.malformed import Requests, problem, try_many

# The server ends a connection that is too old with each request.
pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = 1500


def test_random_malformed_requests_handled():
    statuses, problems = try_many([FeedServer()], NUMBER, seed=time.time_ns())
    assert problems == []
    assert statuses.keys() >= {200, 201, 400, 401, 403, 404, 405}


def test_same_seed_makes_same_requests():
    def addresses(seed):
        requests = Requests(seed)
        made = [requests.make() for _ in range(50)]
        return [(row["REQUEST_METHOD"], row["PATH_INFO"], row["QUERY_STRING"]) for row in made]

    assert addresses(1) == addresses(1) != addresses(2)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, b'{"duration": "1ms"}'),
        (200, b"<p>"),
        (200, b"[]"),
        (200, b"{}"),
        (404, b'{"duration": "1ms"}'),
    ],
)
def test_bad_response_detected(status, content):
    assert problem(status, content)

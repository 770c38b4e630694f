"""Random malformed requests get a JSON object with a duration, and never a server error.

`python -m benchmarks.malformed --requests 100000` sends more of them.
"""

import time

import pytest

from feedserver.server import FeedServer
from feedserver.tests.malformed import Requests, find_problem, send_many

NUMBER = 1500


# Not in a transaction: the server closes expired connections with each request.
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_random_malformed_requests_handled():
    statuses, problems = send_many([FeedServer()], NUMBER, seed=time.time_ns())
    assert problems == []
    assert statuses.keys() >= {200, 201, 400, 401, 403, 404, 405}


def test_same_seed_makes_same_requests():
    def addresses(seed):
        requests = Requests(seed)
        environs = [requests.make() for _ in range(50)]
        return [(row["REQUEST_METHOD"], row["PATH_INFO"], row["QUERY_STRING"]) for row in environs]

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
    assert find_problem(status, content)

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import RequestFactory

from rate_limits.limits import LimitExceeded, RateLimit, count_use

HOURLY = RateLimit("copies", "2/h", key="ip")
DAILY = RateLimit("copies a day", "3/d", key="ip")


@pytest.fixture(autouse=True)
def no_earlier_uses():
    cache.clear()


@pytest.fixture
def request_from():
    def make(address):
        request = RequestFactory().post("/", REMOTE_ADDR=address)
        request.user = AnonymousUser()
        return request

    return make


def test_use_beyond_limit_is_refused(request_from):
    request = request_from("192.0.2.1")
    count_use(request, HOURLY)
    count_use(request, HOURLY)
    with pytest.raises(LimitExceeded) as refusal:
        count_use(request, HOURLY)
    assert 1 <= refusal.value.seconds <= 3600


def test_keys_are_counted_apart(request_from):
    for _ in range(2):
        count_use(request_from("192.0.2.1"), HOURLY)
    count_use(request_from("192.0.2.2"), HOURLY)


def test_refused_use_counts_against_no_limit(request_from):
    request = request_from("192.0.2.1")
    count_use(request, HOURLY)
    count_use(request, HOURLY)
    for _ in range(5):
        with pytest.raises(LimitExceeded):
            count_use(request, HOURLY, DAILY)
    for _ in range(3):
        count_use(request, DAILY)
    with pytest.raises(LimitExceeded):
        count_use(request, DAILY)


def test_longest_wait_is_reported(request_from):
    request = request_from("192.0.2.1")
    minutely = RateLimit("copies a minute", "1/m", key="ip")
    daily = RateLimit("one copy a day", "1/d", key="ip")
    count_use(request, minutely, daily)
    with pytest.raises(LimitExceeded) as refusal:
        count_use(request, minutely, daily)
    assert refusal.value.seconds > 60


def test_wait_is_told_in_minutes_begun():
    assert LimitExceeded(61).minutes == 2
    assert LimitExceeded(61).time_left == "2\xa0minutes"
    assert LimitExceeded(0).seconds == 1

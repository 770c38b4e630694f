"""The number of unseen notifications in the HTML of a page."""

import re

import pytest

from accounts.tests.factories import UserFactory
from feeds.timeline.readers import count_unseen
from follows.models import Follow

pytestmark = pytest.mark.django_db

BADGE = re.compile(r'data-notification="unseen_notification_count"[^>]*?(hidden)?>(\d*)<')


@pytest.fixture
def ana():
    return UserFactory()


@pytest.fixture
def notified(ana, deliver):
    """Let two people follow Ana: one unseen group."""
    for _ in range(2):
        Follow.objects.follow(UserFactory(), ana)
    deliver()


def badge(client, address="/about/"):
    answer = client.get(address)
    assert answer.status_code == 200
    return BADGE.search(answer.content.decode()).groups()


def test_page_shows_unseen_count(signed_in, ana, notified):
    assert badge(signed_in(ana)) == (None, "1")


def test_notifications_page_shows_zero(signed_in, ana, notified):
    client = signed_in(ana)
    assert badge(client, "/notifications/") == ("hidden", "0")
    assert badge(client) == ("hidden", "0")


def test_count_takes_one_query(ana, notified, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert count_unseen(str(ana.pk)) == 1


def test_no_feed_counts_zero(ana):
    assert count_unseen(str(ana.pk)) == 0


@pytest.mark.parametrize("status", [None, 500, 200])
def test_failed_count_is_left_to_script(signed_in, ana, faulty_stream, status):
    client = signed_in(ana)
    faulty_stream(status, b"garbage")
    assert badge(client) == ("hidden", "")


def test_hosted_page_does_not_count(signed_in, ana, settings, broken_stream, caplog):
    settings.FEEDS_TRANSPORT = None
    assert badge(signed_in(ana)) == ("hidden", "")
    assert "unseen not counted" not in caplog.text


def test_visitors_have_no_badge(client):
    page = client.get("/about/").content.decode()
    assert "data-notification" not in page
    assert "poller" not in page
    assert "unseen" not in page

"""The number of unseen notifications, as a page has it when it is made."""

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
    """Two people follow Ana: one group that she has not seen."""
    for _ in range(2):
        Follow.objects.follow(UserFactory(), ana)
    deliver()


def badge(client, address="/about/"):
    answer = client.get(address)
    assert answer.status_code == 200
    return BADGE.search(answer.content.decode()).groups()


def test_a_page_shows_how_many_groups_are_unseen(signed_in, ana, notified):
    assert badge(signed_in(ana)) == (None, "1")


def test_the_page_that_shows_them_shows_none_left(signed_in, ana, notified):
    client = signed_in(ana)
    assert badge(client, "/notifications/") == ("hidden", "0")
    assert badge(client) == ("hidden", "0")


def test_it_is_counted_in_one_query(ana, notified, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert count_unseen(str(ana.pk)) == 1


def test_who_was_never_notified_has_none(ana):
    assert count_unseen(str(ana.pk)) == 0


@pytest.mark.parametrize("status", [None, 500, 200])
def test_where_it_cannot_be_read_the_page_waits_for_the_script(
    signed_in, ana, faulty_stream, status
):
    client = signed_in(ana)
    faulty_stream(status, b"garbage")
    assert badge(client) == ("hidden", "")


def test_where_feeds_are_hosted_no_page_asks(signed_in, ana, settings, broken_stream, caplog):
    settings.FEEDS_TRANSPORT = None
    assert badge(signed_in(ana)) == ("hidden", "")
    assert "unseen not counted" not in caplog.text


def test_pages_of_visitors_have_neither_badge_nor_poller(client):
    page = client.get("/about/").content.decode()
    assert "data-notification" not in page
    assert "poller" not in page
    assert "unseen" not in page

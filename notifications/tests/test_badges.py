"""Badges as the server renders them, without scripts."""

import json
import re

import pytest
from django.template import engines

from notifications.services import notify

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(rf):
    """Return a function that renders a template for somebody."""

    def render(person, source):
        request = rf.get("/")
        request.user = person
        template = engines["django"].from_string("{% load notifications %}" + source)
        return template.render({}, request)

    return render


BADGE = '{% notification_value "count" as count %}{% notification_badge "count" count "Things" %}'


def test_a_badge_shows_the_latest_value(ana, page):
    notify(ana, "count", 3)
    badge = page(ana, BADGE)
    assert 'data-notification="count"' in badge
    assert 'data-label="Things"' in badge
    assert ">3</span>" in badge
    assert "hidden" not in badge


@pytest.mark.parametrize("notified", [True, False])
def test_badge_is_hidden_at_zero(ana, page, notified):
    if notified:
        notify(ana, "count", 0)
    assert re.search(r"hidden>0</span>", page(ana, BADGE))


def test_unknown_number_is_left_to_browser(ana, page):
    assert re.search(r"hidden></span>", page(ana, '{% notification_badge "count" None "Things" %}'))


def test_the_poller_begins_where_the_page_ends(ana, page):
    notify(ana, "</script>", "<b>")
    notify(ana, "count", 3)
    scripts = page(ana, "{% notification_scripts %}")
    assert scripts.count("</script>") == 3
    data = re.search(r'type="application/json">(.*?)</script>', scripts)[1]
    shown = [(item["name"], item["data"]) for item in json.loads(data)]
    assert shown == [("</script>", "<b>"), ("count", 3)]
    assert 'data-poller="/notifications/poll/"' in scripts


def test_a_page_asks_once_for_all_its_badges(ana, page, django_assert_num_queries):
    notify(ana, "count", 3)
    with django_assert_num_queries(1):
        page(ana, BADGE * 3 + "{% notification_scripts %}")

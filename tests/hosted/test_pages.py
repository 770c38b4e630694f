"""Reading pages whose feeds are hosted: none waits for Stream, and what they hand out works."""

import re
from html import unescape

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import ContentFactory
from feeds.stream.concurrency import FEED_READS
from follows.models import Follow
from tests.hosted import faults
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_ORIGIN = "http://127.0.0.1:8000"
STALL_SECONDS = FEED_READS.seconds + 0.5


@pytest.fixture
def person(recover):
    """Somebody with a link, a follower, and all that on the feeds."""
    link = ContentFactory(title="Practical Typography")
    Follow.objects.follow(UserFactory(), link.author)
    recover()
    return link.author


def pages_of(person):
    collection = person.collections.get()
    return [
        reverse("home"),
        reverse("notifications"),
        reverse("profile", args=[person.username]),
        reverse("profile_activity", args=[person.username]),
        reverse("collections:detail", args=[collection.pk]),
        reverse("collections:activity", args=[collection.pk]),
    ]


def feed_of(response):
    """Return what a page hands to `feed.js`, by name."""
    section = re.search(r"<section class=\"feed.*?>", response.content.decode(), re.DOTALL)[0]
    return {name: unescape(text) for name, text in re.findall(r'data-([\w-]+)="(.*?)"', section)}


def read(feed, **changes):
    """Read as a browser does from a page of another origin."""
    feed = {**feed, **changes}
    return requests.get(
        feed["url"],
        params={"api_key": feed["api-key"], "limit": feed["limit"]},
        headers={
            "Authorization": feed["token"],
            "stream-auth-type": "jwt",
            "Origin": OTHER_ORIGIN,
        },
        timeout=5,
    )


@pytest.mark.parametrize("fault", [faults.pass_on, faults.refuse, faults.stall(1), faults.fail])
def test_pages_make_no_calls(person, signed_in, proxy, fault):
    client, called = signed_in(person), proxy.calls
    with proxy.failing(fault):
        for address in pages_of(person):
            assert client.get(address).status_code == 200, address
    assert proxy.calls == called


def test_token_reads_feed_cross_origin(person, signed_in):
    feed = feed_of(signed_in(person).get(reverse("home")))
    answer = read(feed)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    titles = [row["title"] for row in answer.json()["results"][0]["activities"]]
    assert titles == ["Practical Typography"]


def test_browser_preflight_is_allowed(person, signed_in):
    feed = feed_of(signed_in(person).get(reverse("home")))
    asked = {"Access-Control-Request-Method": "GET", "Origin": OTHER_ORIGIN}
    answer = requests.options(feed["url"], headers=asked, timeout=5)
    assert answer.ok
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(",")
    assert {"authorization", "stream-auth-type"} <= set(allowed)


def test_token_opens_no_other_feed(person, signed_in):
    feed = feed_of(signed_in(person).get(reverse("home")))
    other = feed["url"].replace(f"timeline/{person.pk}/", f"notification/{person.pk}/")
    assert read(feed, url=other).status_code == 403


def test_a_renewed_token_reads_too(person, signed_in):
    client = signed_in(person)
    feed = feed_of(client.get(reverse("home")))
    renewed = client.get(feed["token-url"]).json()["token"]
    assert read(feed, token="of.yester.day").status_code in (401, 403)
    assert read(feed, token=renewed).ok


def test_the_server_reads_what_it_is_asked_to(person, signed_in):
    for address in (reverse("home"), reverse("notifications")):
        response = signed_in(person).get(address, {"load": "server"})
        assert response.context["feed"].items
        assert not response.context["feed"].failed


@pytest.mark.parametrize(
    "fault",
    [
        faults.refuse,
        faults.reset,
        faults.rate_limit,
        faults.fail,
        faults.garble,
        faults.stall(STALL_SECONDS),
    ],
)
def test_the_server_says_so_where_it_cannot_read(person, signed_in, proxy, fault):
    client = signed_in(person)
    with proxy.failing(fault):
        response = client.get(reverse("home"), {"load": "server"})
    assert response.status_code == 200
    assert b"The feed cannot be read just now." in response.content


def test_few_requests_wait_for_stream_at_once(person, proxy):
    client, proxy.most_at_once = Client(), 0
    client.force_login(person)

    def load():
        return client.get(reverse("home"), {"load": "server"}).context["feed"].failed

    with proxy.failing(faults.stall(FEED_READS.seconds / 2)):
        failed = run_at_once([load] * 8)
    assert 0 < proxy.most_at_once <= FEED_READS.number
    assert any(failed)


@pytest.mark.parametrize("name", ["notifications_seen", "notifications_read"])
def test_marking_goes_through_the_site(person, signed_in, stream_itself, name):
    client, feed = signed_in(person), stream_itself.feed("notification", person.pk)
    count = "unseen" if name == "notifications_seen" else "unread"
    assert feed.get()[count] == 1
    assert client.post(reverse(name), headers={"accept": "application/json"}).status_code == 204
    assert feed.get()[count] == 0


@pytest.mark.parametrize("fault", [faults.refuse, faults.stall(STALL_SECONDS), faults.garble])
def test_failed_mark_shows_message(person, signed_in, proxy, fault):
    client = signed_in(person)
    with proxy.failing(fault):
        address = reverse("notifications_read")
        assert client.post(address, headers={"accept": "application/json"}).status_code == 503
        page = client.post(address, headers={"accept": "text/html"}, follow=True)
    assert b"could not be marked just now" in page.content


def test_the_policy_lets_browsers_read_where_the_feeds_are(person, signed_in):
    policy = signed_in(person).get(reverse("home")).headers["Content-Security-Policy"]
    assert f"connect-src 'self' {settings.STREAM_BASE_URL};" in f"{policy};"


@pytest.mark.parametrize("fault", [faults.refuse, faults.fail, faults.garble])
def test_failed_description_leaves_form_empty(person, signed_in, proxy, settings, fault):
    settings.LINK_PREVIEWS = True
    client, called = signed_in(person), proxy.calls
    with proxy.failing(fault):
        answer = client.post(reverse("collections:preview_link"), {"url": "https://example.org/"})
    assert answer.json() == {"title": "", "description": "", "picture": "", "image": ""}
    assert fault is faults.refuse or proxy.calls == called + 1


@pytest.mark.parametrize("fault", [faults.refuse, faults.fail, faults.garble])
def test_failed_preview_is_retried(proxy, settings, fault):
    settings.LINK_PREVIEWS = True
    link = ContentFactory()
    with proxy.failing(fault):
        call_command("refresh_previews", delay=0, verbosity=0)
    link.refresh_from_db()
    assert link.previewed_at is None
    call_command("refresh_previews", delay=0, verbosity=0)
    link.refresh_from_db()
    assert link.previewed_at

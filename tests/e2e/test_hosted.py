"""Hosted feeds in a browser: it reads them itself, from a feed server of another origin."""

import pytest
from playwright.sync_api import expect

from tests.conformance.servers import running_server
from tests.e2e.site import Site
from tests.hosted import faults
from tests.ports import free_port

CREDENTIALS = ("hosted", "a secret of the hosted feeds, for browser tests")
CANNOT_BE_READ = "The feed cannot be read just now."


@pytest.fixture(scope="session")
def running_proxy(tmp_path_factory):
    """Start a proxy before a feed server with the site's groups and a database of its own."""
    folder, settings = tmp_path_factory.mktemp("feeds"), "tests.hosted.feedserver_settings"
    with (
        running_server(free_port(), folder, credentials=CREDENTIALS, settings=settings) as server,
        faults.Proxy(free_port(), to=server.port) as proxy,
    ):
        yield proxy


def server_of(proxy):
    return f"http://localhost:{proxy.port}"


@pytest.fixture
def proxy(running_proxy):
    yield running_proxy
    running_proxy.mend()


@pytest.fixture(scope="session")
def site(running_proxy, tmp_path_factory):
    """Start the site as `make run` does where Stream's key is given."""
    key, secret = CREDENTIALS
    hosted = {"STREAM_API_KEY": key, "STREAM_API_SECRET": secret}
    address = {"STREAM_BASE_URL": server_of(running_proxy)}
    direct = dict.fromkeys(["NO_PROXY", "no_proxy"], "localhost")
    folder = tmp_path_factory.mktemp("hosted")
    with Site(folder, **hosted, **address, **direct) as running:
        yield running


@pytest.fixture(scope="session")
def base_url(site):
    return site.url


def articles(page):
    return page.get_by_role("main").get_by_role("article")


def reads(page, group):
    """Return the list that addresses of the feeds' group will be appended to as `page` asks."""
    found = []
    page.on("request", lambda asked: f"/enrich/feed/{group}/" in asked.url and found.append(asked))
    return found


def forgive_unreachable_feeds(page, proxy):
    """Drop what Chromium says of calls to the feed server: that is what a test broke."""
    about_feeds = ("Failed to load", server_of(proxy))
    forgiven = [text for text in page.problems if any(part in text for part in about_feeds)]
    assert forgiven
    page.problems[:] = [text for text in page.problems if text not in forgiven]


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("/", "timeline"),
        ("/notifications/", "notification"),
        ("/users/ana/activity/", "user"),
    ],
)
def test_the_browser_reads_the_first_page_from_the_feed_server(
    visitor, sign_in, proxy, address, group
):
    page = visitor()
    sign_in(page, "ana")
    asked = reads(page, group)
    page.goto(address)
    expect(articles(page).first).to_be_visible()
    assert asked
    assert all(request.url.startswith(server_of(proxy)) for request in asked)


def test_visitors_read_a_collections_feed_too(visitor):
    page = visitor()
    page.goto("/collections/1/activity/")
    expect(articles(page).first).to_contain_text("added")


@pytest.mark.parametrize("fault", [faults.refuse, faults.fail, faults.reset, faults.garble])
def test_a_feed_that_is_down_says_so_and_can_be_tried_again(visitor, sign_in, proxy, fault):
    page = visitor()
    sign_in(page, "ana")
    expect(articles(page).first).to_be_visible()
    with proxy.failing(fault):
        page.goto("/")
        expect(page.get_by_text(CANNOT_BE_READ)).to_be_visible()
        expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(articles(page).first).to_be_visible()
    expect(page.get_by_text(CANNOT_BE_READ)).to_be_hidden()
    forgive_unreachable_feeds(page, proxy)


def test_the_unseen_count_and_the_marks_work(newcomers):
    ana, ben = newcomers("Ana", "Ben")
    badge = ana.locator('[data-notification="unseen_notification_count"]')
    expect(badge).to_be_hidden()
    ben.goto(f"/users/{ana.username}/")
    ben.get_by_role("button", name="Follow").click()
    expect(badge).to_contain_text("1", timeout=20_000)
    ana.goto("/notifications/")
    expect(articles(ana)).to_contain_text("Ben follows you")
    expect(badge).to_be_hidden()
    ana.get_by_role("button", name="Mark as read").click()
    expect(ana.get_by_role("button", name="Mark as read")).to_have_count(0)
    ana.reload()
    expect(articles(ana)).to_contain_text("Ben follows you")
    expect(ana.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(badge).to_be_hidden()


def test_without_javascript_the_server_reads_when_asked_to(visitor, sign_in, proxy):
    page = visitor(scripts=False)
    sign_in(page, "ana")
    for address in ("/", "/notifications/"):
        page.goto(address)
        expect(articles(page)).to_have_count(0)
        page.get_by_role("link", name="Load it from the server").click()
        expect(articles(page).first).to_be_visible()
    with proxy.failing(faults.refuse):
        page.reload()
        expect(page.get_by_role("alert")).to_contain_text(CANNOT_BE_READ)
    page.get_by_role("link", name="Try again").click()
    expect(articles(page).first).to_be_visible()


def test_what_is_written_while_the_feeds_are_down_arrives_by_itself(newcomers, proxy):
    (ana,) = newcomers("Ana")
    with proxy.failing(faults.refuse):
        ana.goto("/collections/new/")
        ana.get_by_label("Name").fill("Typography")
        ana.get_by_label("Description").fill("Letters.")
        ana.get_by_role("button", name="Create collection").click()
        expect(ana.get_by_role("heading", level=1)).to_have_text("Typography")
        ana.goto(f"/users/{ana.username}/activity/")
        expect(ana.get_by_text(CANNOT_BE_READ)).to_be_visible()
    ana.goto("/")
    expect(ana.get_by_role("button", name="1 new").or_(articles(ana))).to_be_visible(timeout=30_000)
    forgive_unreachable_feeds(ana, proxy)

"""Pages of a feed, loaded while scrolling and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

MAKE_COLLECTION = """
from django.contrib.auth import get_user_model
from collections_app.services import add_link, create_collection
from feeds.outbox.delivery import deliver_pending
ana = get_user_model().objects.get(username="ana")
collection = create_collection(author=ana, name="Sixty links", description="To scroll through.")
for number in range(60):
    add_link(collection=collection, url=f"https://example.org/{number}", title=f"Link {number}")
deliver_pending()
print(collection.pk)
"""


@pytest.fixture(scope="module")
def activity_page(site):
    """Return the address of the activity page of a collection with sixty links."""
    return f"/collections/{site.shell(MAKE_COLLECTION).split()[-1]}/activity/"


def titles(page):
    return page.get_by_role("main").get_by_role("article").locator("a[rel~=ugc]").all_inner_texts()


def test_feed_scrolls_to_its_end(page, activity_page):
    page.goto(activity_page)
    articles = page.get_by_role("main").get_by_role("article")
    expect(articles).to_have_count(25)
    for expected in (50, 60):
        articles.last.scroll_into_view_if_needed()
        page.mouse.wheel(0, 100_000)
        expect(articles).to_have_count(expected)
    expect(page.get_by_text("That's all.")).to_be_visible()
    assert titles(page) == [f"Link {number}" for number in reversed(range(60))]


def test_failed_page_can_be_retried(page, activity_page):
    page.goto(activity_page)
    # Not an aborted request, which Chromium would report as an error.
    page.route("**/api/v1.0/**", lambda route: route.fulfill(status=200, body="not JSON"))
    page.mouse.wheel(0, 100_000)
    retry = page.get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    page.unroute("**/api/v1.0/**")
    retry.click()
    expect(page.get_by_role("main").get_by_role("article")).to_have_count(50)


@pytest.mark.parametrize("token", ["", "of.yester.day"])
def test_invalid_token_is_renewed_once(browser, site, activity_page, token):
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    renewals = []
    page.on("request", lambda request: "/feeds/token/" in request.url and renewals.append(request))

    def replace_token(route):
        answer = route.fetch()
        body = re.sub(r'data-token="[^"]*"', f'data-token="{token}"', answer.text())
        route.fulfill(response=answer, body=body)

    page.route(f"**{activity_page}", replace_token)
    page.goto(activity_page)
    articles = page.get_by_role("main").get_by_role("article")
    for expected in (50, 60):
        page.mouse.wheel(0, 100_000)
        expect(articles).to_have_count(expected)
    assert len(renewals) == 1
    context.close()


def test_older_pages_without_javascript(browser, site, activity_page):
    context = browser.new_context(java_script_enabled=False, base_url=site.url)
    page = context.new_page()
    page.goto(activity_page)
    found = titles(page)
    while (older := page.get_by_role("link", name="Older")).count():
        page.goto(f"{activity_page}{older.get_attribute('href')}")
        found += titles(page)
    assert found == [f"Link {number}" for number in reversed(range(60))]
    context.close()

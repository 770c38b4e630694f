"""Previews of links: title, description and picture from the page of the link."""

import pytest
from playwright.sync_api import expect

from collections_app.tests.foreign import ANSWERS
from previews.tests.servers import serving

LOADED = "image => image.complete && image.naturalWidth > 0"


@pytest.fixture
def foreign(site):
    """Return a function that returns the address of a page of another site."""
    with serving(ANSWERS, port=site.foreign_port):
        yield lambda path: f"http://127.0.0.1:{site.foreign_port}/{path}"


def new_collection(page, name):
    page.goto("/collections/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Description").fill("Links that fill themselves in.")
    page.get_by_role("button", name="Create collection").click()
    page.get_by_role("main").get_by_role("link", name="Add a link").first.click()


def test_pasted_link_fills_in_the_form(page, sign_in, foreign):
    sign_in(page, "ana")
    new_collection(page, "Previews with a script")
    page.get_by_label("Link*", exact=True).fill(foreign("page"))
    page.get_by_label("Link*", exact=True).blur()
    title = page.get_by_label("Title")
    expect(title).to_have_value("Open title")
    expect(page.get_by_label("Description")).to_have_value("Open words.")
    expect(page.get_by_role("status").get_by_text("Filled in from the page.")).to_be_visible()
    assert page.get_by_alt_text("Picture of the page").evaluate(LOADED)

    # For another link, texts from the preview are replaced; typed ones are not.
    title.fill("My own title")
    page.get_by_label("Link*", exact=True).fill(foreign("other"))
    page.get_by_label("Link*", exact=True).blur()
    expect(page.get_by_alt_text("Picture of the page")).to_be_hidden()
    expect(title).to_have_value("My own title")
    page.get_by_label("Link*", exact=True).fill(foreign("page"))
    page.get_by_label("Link*", exact=True).blur()
    expect(page.get_by_alt_text("Picture of the page")).to_be_visible()

    page.get_by_role("button", name="Add link").click()
    row = page.get_by_role("main").get_by_role("listitem").filter(has_text="My own title")
    picture = row.locator("img[src^='/pictures/']")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate(LOADED)
    page.get_by_role("link", name="Activity").click()
    article = page.get_by_role("main").get_by_role("article")
    expect(article.locator("img[src^='/pictures/']")).to_be_visible()


def test_link_in_query_is_previewed(page, sign_in, foreign):
    sign_in(page, "ana")
    page.goto(f"/collections/add/?url={foreign('page')}&title=Brought+along")
    expect(page.get_by_label("Description")).to_have_value("Open words.")
    expect(page.get_by_label("Title")).to_have_value("Brought along")
    expect(page.get_by_alt_text("Picture of the page")).to_be_visible()


def test_unreadable_page_can_be_added(page, sign_in, foreign):
    sign_in(page, "ana")
    new_collection(page, "Previews of nothing")
    page.get_by_label("Link*", exact=True).fill(foreign("missing"))
    page.get_by_label("Link*", exact=True).blur()
    expect(page.get_by_role("status").get_by_text("could not be read")).to_be_visible()
    page.get_by_label("Title").fill("Typed")
    page.get_by_role("button", name="Add link").click()
    expect(page.get_by_role("link", name="Typed", exact=True)).to_be_visible()


def test_preview_without_javascript(visitor, sign_in, foreign):
    page = visitor(scripts=False)
    sign_in(page, "ben")
    new_collection(page, "Previews without a script")
    page.get_by_label("Link*", exact=True).fill(foreign("page"))
    page.get_by_role("button", name="Add link").click()
    expect(page.get_by_label("Title")).to_have_value("Open title")
    expect(page.get_by_alt_text("Picture of the page")).to_be_visible()
    page.get_by_label("Leave this picture out").check()
    page.get_by_role("button", name="Add link").click()
    expect(page.get_by_role("link", name="Open title", exact=True)).to_be_visible()
    expect(page.locator("img[src^='/pictures/']")).to_have_count(0)

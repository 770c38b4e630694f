"""Search from the box of any page, on a phone, and without JavaScript."""

import pytest
from playwright.sync_api import expect


def test_visitor_finds_a_collection(page):
    page.goto("/about/")
    page.get_by_role("search").get_by_role("searchbox").fill("typogr")
    page.keyboard.press("Enter")
    main = page.get_by_role("main")
    expect(main.get_by_role("searchbox")).to_have_value("typogr")
    expect(main.locator("mark").first).to_be_visible()
    main.get_by_role("link", name="Links").first.click()
    expect(page).to_have_url("/search/?q=typogr&kind=links")
    page.go_back()
    main.get_by_role("link", name="Typography", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Typography")


def test_follow_from_search_results(newcomers):
    (ada,) = newcomers("Ada")
    ada.goto("/search/?q=ana+lima")
    ada.get_by_role("button", name="Follow Ana Lima", exact=True).click()
    expect(ada.get_by_role("button", name="Unfollow Ana Lima")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("text", ["e", "type", "a", "typography", "no+such+word", ""])
def test_page_fits_a_phone(page, theme, text):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 320, "height": 800})
    for kind in ("", "people", "collections", "links"):
        page.goto(f"/search/?q={text}&kind={kind}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_search_without_javascript(visitor):
    page = visitor(scripts=False)
    page.goto("/")
    page.get_by_role("contentinfo").get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("lima")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("main").get_by_role("link", name="Ana Lima").first).to_be_visible()

"""Main tasks by keyboard alone, with a visible focus."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_follows import add_links, make_collection

# Reports whether the element with the focus has a visible outline.
FOCUS = """() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 0 && height > 0;
  return { seen, html: element.outerHTML.slice(0, 120), body: element === document.body };
}"""


def tab_through(page, limit=60):
    """Tab through `page`; fail if the focus is not visible; return the focused elements."""
    stops = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["body"]:
            break
        assert stop["seen"], stop["html"]
        stops.append(stop["html"])
    return stops


def press_until(page, target, key="Tab", limit=60):
    """Press `key` until `target` has the focus."""
    for _ in range(limit):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} was not reached")


@pytest.mark.parametrize("address", ["/", "/collections/", "/accounts/signup/", "/about/"])
def test_focus_is_visible_for_visitors(page, address):
    page.goto(address)
    stops = tab_through(page)
    assert "skip-link" in stops[0]
    assert len(stops) > 5


def test_skip_link_passes_navigation(page):
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside


def test_sign_in_follow_and_add_link(page, site):
    page.goto("/accounts/login/")
    press_until(page, page.get_by_label("Username or e-mail"))
    page.keyboard.type("hugo")
    press_until(page, page.get_by_label("Password"))
    page.keyboard.type(site.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    tab_through(page)

    page.goto("/users/dmitri/")
    follow = page.locator("form[action^='/users/dmitri/'] button")
    before = follow.inner_text()
    press_until(page, follow)
    page.keyboard.press("Enter")
    expect(follow).not_to_have_text(before)

    press_until(page, page.get_by_role("link", name="Add a link"), key="Shift+Tab")
    page.keyboard.press("Enter")
    press_until(page, page.get_by_label("Collection*"))
    page.keyboard.press("ArrowDown")
    press_until(page, page.get_by_label("Link*", exact=True))
    page.keyboard.type("https://example.org/by-keyboard")
    press_until(page, page.get_by_label("Title"))
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    close = page.get_by_role("button", name="Close")
    press_until(page, close)
    page.keyboard.press("Enter")
    expect(close).to_have_count(0)
    expect(page.get_by_role("link", name="By keyboard", exact=True)).to_be_visible()


def test_save_report_write_and_mark_read(newcomers):
    ada, bob = newcomers("Ada", "Bob")
    serifs = make_collection(ada, "Serifs")
    add_links(ada, serifs, ["s1"])
    make_collection(bob, "Last")
    main = bob.get_by_role("main")

    bob.goto(serifs)
    tab_through(bob)
    press_until(bob, main.get_by_role("link", name="Save to… s1"))
    bob.keyboard.press("Enter")
    sheet = bob.get_by_role("dialog", name="Save a link")
    expect(sheet.get_by_label("Collection", exact=True)).to_be_focused()
    press_until(bob, sheet.get_by_role("button", name="Save"))
    bob.keyboard.press("Enter")
    expect(sheet.get_by_role("link", name="Last")).to_be_focused()
    bob.keyboard.press("Escape")
    expect(main.get_by_role("link", name="Save to… s1")).to_be_focused()

    press_until(bob, main.get_by_role("link", name="Report").last)
    bob.keyboard.press("Enter")
    press_until(bob, main.get_by_role("radio").first)
    bob.keyboard.press("Space")
    press_until(bob, main.get_by_role("button", name="Report"))
    bob.keyboard.press("Enter")
    expect(
        bob.get_by_text("moderators will look").or_(bob.get_by_text("Thank you"))
    ).to_be_visible()

    bob.goto(f"/messages/with/{ada.username}/")
    press_until(bob, main.get_by_label("Message"))
    bob.keyboard.type("Have you more of these?")
    press_until(bob, main.get_by_role("button", name="Send"))
    bob.keyboard.press("Enter")
    expect(main.get_by_text("Have you more of these?")).to_be_visible()

    ada.goto("/notifications/")
    tab_through(ada)
    read = ada.get_by_role("main").get_by_role("button", name="Mark as read")
    press_until(ada, read.first)
    ada.keyboard.press("Enter")
    expect(read).to_have_count(0)


def test_search_and_change_language(page):
    page.goto("/about/")
    press_until(page, page.get_by_role("searchbox").first)
    page.keyboard.type("typography")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    tab_through(page)
    press_until(page, page.get_by_role("button", name="Español"), limit=80)
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_closed_menu_returns_the_focus(page, sign_in):
    sign_in(page, "hugo")
    button = page.get_by_role("button", name="Menu of hugo")
    press_until(page, button)
    page.keyboard.press("Enter")
    profile = page.get_by_role("link", name="My profile")
    expect(profile).to_be_visible()
    press_until(page, profile, limit=1)
    page.keyboard.press("Escape")
    expect(profile).to_be_hidden()
    expect(button).to_be_focused()


def test_theme_is_switched_and_remembered(page):
    page.emulate_media(color_scheme="light")
    page.goto("/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    press_until(page, page.get_by_role("button", name="Dark colours"))
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.goto("/collections/")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Light colours").click()
    # A choice that equals the system's theme makes the page follow the system again.
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")

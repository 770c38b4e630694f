"""Work of a moderator, on public pages and in the admin."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_follows import add_links, make_collection


def test_hide_and_restore_a_collection(page, sign_in):
    sign_in(page, "grace")
    page.goto("/collections/?sort=newest")
    link = page.get_by_role("main").get_by_role("heading", level=2).first.get_by_role("link")
    path = link.get_attribute("href")
    card = page.get_by_role("main").locator(f'h2 a[href="{path}"]')  # names need not be unique
    link.click()
    address = page.url
    page.get_by_role("link", name="Hide collection").click()
    page.get_by_label("Reason").fill("Nothing but advertisements.")
    page.get_by_role("button", name="Hide").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing but advertisements.")
    page.goto("/collections/?sort=newest")
    expect(card).to_have_count(0)

    page.goto(address)
    page.get_by_role("link", name="Restore collection").click()
    page.get_by_label("Reason").fill("It was a mistake.")
    page.get_by_role("button", name="Restore").click()
    page.goto("/collections/?sort=newest")
    expect(card).to_have_count(1)


def test_admin_pages_have_no_errors(page, sign_in):
    sign_in(page, "grace")
    for path in ("", "accounts/user/", "collections_app/collection/", "collections_app/content/"):
        page.goto(f"/admin/{path}")
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


LISTS = [
    "accounts/user/?new=week&confirmed=yes",
    "collections_app/collection/?hidden=no",
    "collections_app/content/?hosts=many",
    "collections_app/content/?q=the",
    "follows/follow/",
    "messaging/message/",
    "admin/logentry/",
]


@pytest.mark.parametrize("width", [400, 320])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_admin_fits_a_phone(page, sign_in, width, theme):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, "grace")
    for path in ("", "search/?q=e", "search/?q=nothing+like+that", *LISTS):
        page.goto(f"/admin/{path}")
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"


def test_staff_find_a_person_by_keyboard(page, sign_in):
    sign_in(page, "grace")
    page.goto("/admin/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips the navigation
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="People, collections and links")).to_be_focused()
    page.keyboard.type("ben")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/search/\?q=ben"))
    people = page.get_by_role("region", name="People")
    people.get_by_role("link", name="ben", exact=True).click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("ben")


def test_first_page_lists_new_accounts(page, visitor, sign_in, newcomers):
    (ana,) = newcomers("Ana")
    add_links(ana, make_collection(ana, "Offers"), [f"{ana.username}-offers"])
    sign_in(page, "grace")
    page.goto("/admin/")
    newest = page.get_by_role("region", name="New accounts of the last 24 hours")
    expect(newest.get_by_role("link", name=ana.username, exact=True)).to_be_visible()
    newest.get_by_role("link", name=f"{ana.username}-offers").click()
    expect(page.get_by_label("Link:")).to_have_value(f"https://example.org/{ana.username}-offers")

    page.goto("/admin/collections_app/content/")
    page.get_by_role("link", name="example.org").first.click()
    expect(page).to_have_url(re.compile(r"\?host=example\.org$"))
    expect(page.get_by_role("link", name=f"{ana.username}-offers")).to_be_visible()


def test_admin_refuses_other_people(page, sign_in):
    sign_in(page, "ben")
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("may not")

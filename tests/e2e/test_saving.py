"""Save links of other people and move own ones, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_follows import add_links, home, make_collection, press


@pytest.fixture
def people(newcomers):
    """Return pages of Ada, who has links in Serifs, and of Bob, who follows Serifs."""
    ada, bob = newcomers("Ada", "Bob")
    serifs = make_collection(ada, "Serifs")
    add_links(ada, serifs, ["s1", "s2", "s3"])
    bob.old, bob.last = make_collection(bob, "Old"), make_collection(bob, "Last")
    press(bob, serifs, "Follow")
    return ada, bob


def choose(page, title):
    """Press *Save to…* of a link by Ada on the home page."""
    group = home(page).filter(has_text="Serifs")
    more = group.locator("summary")
    if more.count():
        more.click()
    group.get_by_role("link", name=f"Save to… {title}").click()


def links(page, address):
    """Return the links on the page of a collection."""
    page.goto(address)
    return page.get_by_role("main").locator(".link-card")


def save_notifications(page):
    """Return a person's notifications about saved links."""
    page.goto("/notifications/")
    return page.get_by_role("main").get_by_role("article").filter(has_text="saved your link")


def test_save_from_home_in_a_dialog(people):
    ada, bob = people
    sheet = bob.get_by_role("dialog", name="Save a link")
    choose(bob, "s1")
    collection = sheet.get_by_label("Collection", exact=True)
    expect(collection).to_be_focused()
    expect(collection.locator("option:checked")).to_have_text("Last")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_contain_text("It is in Last now.")
    expect(sheet.get_by_role("link", name="Last")).to_be_focused()
    bob.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(bob).to_have_url(re.compile("/$"))
    expect(bob.get_by_role("link", name="Save to… s1")).to_be_focused()

    choose(bob, "s2")
    sheet.get_by_label("Or a new collection").fill("Fresh")
    bob.keyboard.press("Enter")
    sheet.get_by_role("link", name="Fresh").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Fresh")
    saved = bob.locator(".link-card:target")
    expect(saved).to_contain_text("s2")
    expect(saved).to_contain_text("via Ada")
    saved.get_by_role("link", name="Ada").click()
    expect(bob.get_by_role("heading", level=1)).to_contain_text("Ada")

    expect(save_notifications(ada)).to_have_count(2)
    expect(save_notifications(ada).filter(has_text="Bob saved your link s1")).to_have_count(1)
    expect(save_notifications(ada).filter(has_text="Bob saved your link s2")).to_have_count(1)


def test_duplicate_is_reported_in_the_dialog(people):
    _ada, bob = people
    sheet = bob.get_by_role("dialog", name="Save a link")
    for answer in ("It is in Last now.", "That link is already in this collection."):
        choose(bob, "s1")
        sheet.get_by_role("button", name="Save").click()
        expect(sheet).to_contain_text(answer)
    expect(sheet.get_by_label("Collection", exact=True)).to_be_focused()
    # Chromium reports the status. The dialog stays open for the last check by axe.
    bob.problems[:] = [text for text in bob.problems if "422" not in text]


def test_move_link_between_collections(people):
    _ada, bob = people
    add_links(bob, bob.old, ["o1"])
    move(bob, "o1", "Last")
    expect(links(bob, bob.old)).to_have_count(0)
    expect(links(bob, bob.last)).to_have_count(1)


def move(page, title, name):
    page.get_by_role("link", name=f"Move… {title}").click()
    page.get_by_label("Collection", exact=True).select_option(label=name)
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text(f"Moved to {name}.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator(".link-card:target")).to_contain_text(title)


def test_pasted_link_lists_its_collections(people):
    _ada, bob = people
    add_links(bob, bob.old, ["o1"])
    bob.goto("/collections/add/")
    address = bob.get_by_label("Link*", exact=True)
    address.fill("https://example.org/o1")
    address.blur()
    mine = bob.get_by_role("status").get_by_role("link", name="You have it already, in Old")
    expect(mine).to_be_visible()

    address.fill("https://example.org/s3")
    address.blur()
    expect(mine).to_have_count(0)
    bob.get_by_role("status").get_by_role("link", name="Ada has it in Serifs").click()
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator(".link-card:target")).to_contain_text("via Ada")

    bob.goto("/collections/add/?url=https://example.org/o1")
    mine.click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Old")
    expect(bob.locator(".link-card:target")).to_contain_text("o1")


def test_save_and_move_without_javascript(people, visitor, sign_in):
    ada, bob = people
    plain = visitor(scripts=False)
    sign_in(plain, bob.username)
    choose(plain, "s1")
    collection = plain.get_by_label("Collection", exact=True)
    expect(collection.locator("option:checked")).to_have_text("Last")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_text("Saved to Last.")).to_be_visible()
    expect(plain.locator(".link-card:target")).to_contain_text("via Ada")

    choose(plain, "s2")
    plain.get_by_label("Or a new collection").fill("Fresh")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Fresh")
    expect(plain.locator(".link-card:target")).to_contain_text("s2")
    move(plain, "s2", "Old")
    expect(links(plain, bob.old)).to_have_count(1)

    choose(plain, "s1")
    plain.get_by_label("Collection", exact=True).select_option(label="Last")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("main")).to_contain_text("That link is already in this collection.")

    reader = visitor(scripts=False)
    sign_in(reader, ada.username)
    # The copy that was moved is a separate link, so moving it is no save of hers.
    expect(save_notifications(reader)).to_have_count(1)
    expect(save_notifications(reader)).to_contain_text("Bob saved your link s1")

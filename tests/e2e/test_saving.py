"""Saving what others found, and moving one's own links, with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_follows import add_links, home, make_collection, press


@pytest.fixture
def people(newcomers):
    """Pages of Ada, who has links in Serifs, and Bob, who follows that and has two collections."""
    ada, bob = newcomers("Ada", "Bob")
    serifs = make_collection(ada, "Serifs")
    add_links(ada, serifs, ["s1", "s2", "s3"])
    bob.old, bob.last = make_collection(bob, "Old"), make_collection(bob, "Last")
    press(bob, serifs, "Follow")
    return ada, bob


def choose(page, title):
    """Press *Save to…* at a link that Ada added, on the home page."""
    group = home(page).filter(has_text="Serifs")
    more = group.locator("summary")
    if more.count():
        more.click()
    group.get_by_role("link", name=f"Save to… {title}").click()


def links(page, address):
    """Return the links that a collection shows."""
    page.goto(address)
    return page.get_by_role("main").locator(".link-card")


def told(page):
    """Return what a person's notifications say of links that were saved."""
    page.goto("/notifications/")
    return page.get_by_role("main").get_by_role("article").filter(has_text="saved your link")


def test_a_link_is_saved_from_home_without_leaving_it(people):
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

    expect(told(ada)).to_have_count(2)
    expect(told(ada).filter(has_text="Bob saved your link s1")).to_have_count(1)
    expect(told(ada).filter(has_text="Bob saved your link s2")).to_have_count(1)


def test_what_is_there_already_is_said_where_one_chooses(people):
    _ada, bob = people
    sheet = bob.get_by_role("dialog", name="Save a link")
    for answer in ("It is in Last now.", "That link is already in this collection."):
        choose(bob, "s1")
        sheet.get_by_role("button", name="Save").click()
        expect(sheet).to_contain_text(answer)
    expect(sheet.get_by_label("Collection", exact=True)).to_be_focused()
    # Chromium reports the status of the answer. The sheet stays open for axe, which looks last.
    bob.problems[:] = [text for text in bob.problems if "422" not in text]


def test_a_link_that_is_moved_is_there_and_no_longer_here(people):
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


def test_a_pasted_link_says_where_it_is_already(people):
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


def test_all_of_it_works_without_scripts(people, visitor, sign_in):
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
    # The copy that was moved is a link of its own: nobody saved that.
    expect(told(reader)).to_have_count(1)
    expect(told(reader)).to_contain_text("Bob saved your link s1")

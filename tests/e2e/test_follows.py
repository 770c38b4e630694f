"""Follow people and collections, seen by both sides in separate browsers."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def people(newcomers):
    """Return pages of Ada, Bob and Cyd, signed in; nobody follows anybody."""
    return newcomers("Ada", "Bob", "Cyd")


def make_collection(page, name):
    page.goto("/collections/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Description").fill(f"All about {name.lower()}.")
    page.get_by_role("button", name="Create collection").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return page.url


def add_links(page, collection, titles):
    for title in titles:
        page.goto(collection)
        page.get_by_role("main").get_by_role("link", name="Add a link").first.click()
        page.get_by_label("Link*", exact=True).fill(f"https://example.org/{title}")
        page.get_by_label("Title").fill(title)
        page.get_by_role("button", name="Add link").click()
        expect(page.get_by_role("main").get_by_role("link", name=title, exact=True)).to_be_visible()


def press(page, address, name):
    """Press the follow button `name` on a page, and check that it changes in place."""
    page.goto(address)
    page.get_by_role("main").get_by_role("button", name=re.compile(f"^{name}")).first.click()
    opposite = {"Follow": "Unfollow", "Unfollow": "Follow"}[name]
    changed = page.get_by_role("main").get_by_role("button", name=re.compile(f"^{opposite}")).first
    expect(changed).to_be_visible()
    expect(changed).to_be_focused()


def home(page):
    """Return the articles of a person's timeline."""
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    return page.get_by_role("region", name="Timeline").get_by_role("article")


def links_of(group):
    """Return the titles of the links in a group, with the collapsed ones."""
    more = group.locator("summary")
    if more.count():
        more.click()
    return group.locator("a[rel~=ugc]").all_inner_texts()


def test_follows_decide_what_timelines_show(people):
    ada, bob, cyd = people
    serifs, kerning = make_collection(ada, "Serifs"), make_collection(ada, "Kerning")
    profile = f"/users/{ada.username}/"
    press(bob, profile, "Follow")
    expect(bob.get_by_role("main").get_by_text("1 follower", exact=True)).to_be_visible()
    press(cyd, serifs, "Follow")
    add_links(ada, serifs, ["s1", "s2", "s3"])
    add_links(ada, kerning, ["k1", "k2", "k3"])

    added = home(bob).filter(has_text="Ada added 3 links to")
    expect(added).to_have_count(2)
    assert links_of(added.nth(0)) == ["k3", "k2", "k1"]
    assert links_of(added.nth(1)) == ["s3", "s2", "s1"]
    groups = home(cyd)
    expect(groups).to_have_count(1)
    expect(groups).to_contain_text("Ada added 3 links to Serifs")

    ada.goto("/notifications/")
    notifications = ada.get_by_role("main")
    expect(notifications.get_by_role("article").filter(has_text="Bob follows you")).to_have_count(1)
    expect(
        notifications.get_by_role("article").filter(has_text="Cyd follows Serifs")
    ).to_have_count(1)

    press(bob, serifs, "Follow")
    added = home(bob).filter(has_text="Ada added 3 links to")
    expect(added).to_have_count(2)
    assert links_of(added.nth(1)) == ["s3", "s2", "s1"]

    press(bob, profile, "Unfollow")
    groups = home(bob)
    expect(groups).to_have_count(1)
    expect(groups).to_contain_text("Ada added 3 links to Serifs")

    press(bob, serifs, "Unfollow")
    expect(home(bob)).to_have_count(0)
    press(cyd, serifs, "Unfollow")
    expect(home(cyd)).to_have_count(0)
    expect(cyd.get_by_role("main")).to_contain_text("that you follow add will be here")


def test_new_activities_are_offered_first(people):
    ada, bob, _cyd = people
    serifs, kerning = make_collection(ada, "Serifs"), make_collection(ada, "Kerning")
    press(bob, serifs, "Follow")
    press(bob, kerning, "Follow")
    add_links(ada, serifs, ["s1"])
    groups = home(bob)
    expect(groups).to_have_count(1)
    offer = bob.get_by_role("button", name=re.compile(r"^\d+ new$"))
    expect(offer).to_have_count(0)

    add_links(ada, kerning, ["k1"])
    expect(offer).to_have_text(re.compile("1 new"))
    expect(groups).to_have_count(1)
    offer.click()
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("Ada added a link to Kerning")
    expect(offer).to_have_count(0)

    add_links(ada, serifs, ["s2"])
    expect(offer).to_have_text(re.compile("1 new"))
    offer.click()
    expect(groups.first).to_contain_text("Ada added 2 links to Serifs")
    expect(groups).to_have_count(2)


def test_follow_from_list_by_keyboard(people):
    ada, bob, _cyd = people
    bob.goto("/users/")
    button = bob.locator(f"form[action='/users/{ada.username}/follow/'] button")
    button.focus()
    bob.keyboard.press("Enter")
    changed = bob.locator(f"form[action='/users/{ada.username}/unfollow/'] button")
    expect(changed).to_be_focused()
    expect(bob.get_by_role("status").filter(has_text="You follow Ada.")).to_have_count(1)
    bob.keyboard.press("Enter")
    expect(button).to_be_focused()
    expect(bob.get_by_role("status").filter(has_text="no longer follow Ada")).to_have_count(1)


def test_follow_and_read_without_javascript(people, visitor, sign_in):
    ada, bob, _cyd = people
    serifs = make_collection(ada, "Serifs")
    add_links(ada, serifs, ["s1", "s2", "s3"])
    plain = visitor(scripts=False)
    sign_in(plain, bob.username)
    plain.goto("/users/")
    plain.locator(f"form[action='/users/{ada.username}/follow/'] button").click()
    expect(plain.get_by_role("main")).to_contain_text(
        "You follow Ada. What they add will appear on your home page."
    )
    assert "#follow-person-" in plain.url
    expect(plain.locator(f"form[action='/users/{ada.username}/unfollow/']")).to_be_visible()
    added = home(plain).filter(has_text="Ada added 3 links to Serifs")
    assert links_of(added) == ["s3", "s2", "s1"]

    reader = visitor(scripts=False)
    sign_in(reader, ada.username)
    reader.goto("/notifications/")
    group = reader.get_by_role("main").get_by_role("article").filter(has_text="Bob follows you")
    expect(group).to_contain_text("New")
    group.get_by_role("button", name="Mark as read").click()
    expect(reader).to_have_url(re.compile("/notifications/$"))
    expect(group.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(group).not_to_contain_text("New")


def test_following_link_marks_notification_read(people):
    ada, bob, _cyd = people
    press(bob, f"/users/{ada.username}/", "Follow")
    ada.goto("/notifications/")
    group = ada.get_by_role("main").get_by_role("article").filter(has_text="Bob follows you")
    expect(group.get_by_role("button", name="Mark as read")).to_have_count(1)
    group.get_by_role("link", name="Bob", exact=True).click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text("Bob")
    ada.goto("/notifications/")
    expect(group).to_have_count(1)
    expect(group.get_by_role("button", name="Mark as read")).to_have_count(0)


def test_landing_page_for_visitors(page):
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("main").get_by_role("link", name="Sign up")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Look around")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("heading", level=3)).to_have_count(3)

"""Block and unblock a person, seen by both."""

import pytest
from playwright.sync_api import expect

REFUSAL = "This person cannot be contacted."


@pytest.fixture
def people(newcomers):
    """Return pages of Ada and Bob, signed in; Bob follows Ada and has sent her a message."""
    ada, bob = newcomers("Ada", "Bob")
    bob.goto(f"/users/{ada.username}/")
    bob.get_by_role("button", name="Follow Ada", exact=True).click()
    expect(bob.get_by_role("button", name="Unfollow Ada")).to_be_visible()
    bob.goto(f"/messages/with/{ada.username}/")
    bob.get_by_label("Message*").fill("Good morning.")
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_role("main")).to_contain_text("Good morning.")
    return ada, bob


def block_in_conversation(page, other):
    page.goto(f"/messages/with/{other.username}/")
    page.get_by_role("link", name="Block…").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Block ")
    page.get_by_role("button", name="Block").click()


def test_blocked_person_disappears_without_notice(people):
    ada, bob = people
    block_in_conversation(ada, bob)
    main = ada.get_by_role("main")
    for text in ("You have blocked", "Good morning.", REFUSAL):
        expect(main).to_contain_text(text)
    ada.goto("/users/")
    expect(ada.get_by_role("main")).not_to_contain_text(bob.username)
    ada.goto(f"/users/{ada.username}/followers/")
    expect(ada.get_by_role("main")).to_contain_text("will be here")

    bob.goto("/users/")
    expect(bob.get_by_role("main")).not_to_contain_text(ada.username)
    bob.goto(f"/users/{ada.username}/")
    main = bob.get_by_role("main")
    expect(main.get_by_role("link", name="Block…")).to_be_visible()
    expect(main.get_by_role("button", name="Follow")).to_have_count(0)
    expect(main).not_to_contain_text("blocked")
    bob.goto(f"/messages/with/{ada.username}/")
    expect(bob.get_by_role("main")).to_contain_text(REFUSAL)
    expect(bob.get_by_role("main")).to_contain_text("Good morning.")
    expect(bob.get_by_role("main")).not_to_contain_text("blocked")
    bob.goto("/settings/blocks/")
    expect(bob.get_by_role("main")).to_contain_text("will be here")


def test_stale_page_cannot_follow(people):
    ada, bob = people
    bob.goto(f"/users/{ada.username}/")
    bob.get_by_role("button", name="Unfollow Ada").click()
    button = bob.get_by_role("button", name="Follow Ada", exact=True)
    expect(button).to_be_visible()
    block_in_conversation(ada, bob)
    expect(ada.get_by_role("main")).to_contain_text("You have blocked")
    button.click()
    expect(bob.get_by_role("main")).to_contain_text(REFUSAL)
    bob.problems[:] = [text for text in bob.problems if "403" not in text]
    bob.goto(f"/users/{ada.username}/")
    expect(bob.get_by_role("main")).to_contain_text("0 followers")


def test_unblocking_allows_messages_again(people):
    ada, bob = people
    block_in_conversation(ada, bob)
    ada.goto("/settings/profile/")
    ada.get_by_role("link", name="Blocked people").click()
    expect(ada.get_by_role("listitem").filter(has_text=f"@{bob.username}")).to_have_count(1)
    ada.get_by_role("button", name="Unblock").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("main")).to_contain_text("You no longer block")
    expect(ada.get_by_role("main")).to_contain_text("will be here")
    bob.goto(f"/messages/with/{ada.username}/")
    bob.get_by_label("Message*").fill("Good evening.")
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_role("main")).to_contain_text("Good evening.")


def test_block_and_unblock_without_javascript(newcomers, visitor, sign_in):
    ada, bob = newcomers("Ada", "Bob")
    plain = visitor(scripts=False)
    sign_in(plain, ada.username)
    plain.goto(f"/users/{bob.username}/")
    plain.get_by_role("link", name="Block…").click()
    plain.get_by_role("button", name="Block").click()
    expect(plain.get_by_role("main")).to_contain_text("You have blocked")
    plain.get_by_role("button", name="Unblock").click()
    expect(plain.get_by_role("link", name="Block…")).to_be_visible()

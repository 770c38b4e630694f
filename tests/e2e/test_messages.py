"""Messages and badges, seen by two people in separate browsers, in one and several tabs."""

import json
import re

import pytest
from playwright.sync_api import expect

# Milliseconds. A poll is due every second, so after this time none will come.
SILENCE = 2500

POLL = "**/notifications/poll/**"

# All tabs of a headless browser count as visible. This hides one, or shows it again.
SET_HIDDEN = """(hidden) => {
    const state = { hidden, visibilityState: hidden ? "hidden" : "visible" };
    for (const [name, value] of Object.entries(state))
        Object.defineProperty(document, name, { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


@pytest.fixture
def people(newcomers):
    """Return pages of Ada and Bob, signed in."""
    return newcomers("Ada", "Bob")


@pytest.fixture
def second_tab(people):
    """Return a function that opens another tab in the browser of a page."""

    def open_tab(page, address):
        tab = page.context.new_page()
        tab.goto(address)
        return tab

    return open_tab


def badge(page, name="unread_message_count"):
    return page.locator(f"[data-notification={name}]")


def write(page, to, text):
    page.goto(f"/messages/with/{to.username}/")
    page.get_by_label("Message*").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("main").get_by_text(text)).to_be_visible()


def stop_polling(page):
    """Stop the polls of `page`, and wait for the one that is running."""
    page.evaluate(SET_HIDDEN, True)
    page.wait_for_timeout(1000)


def poll_every(page, seconds):
    """Set the interval of the page "About", to tell an immediate poll from a regular one."""

    def change(route):
        answer = route.fetch()
        body = answer.text().replace('data-seconds="1"', f'data-seconds="{seconds}"')
        route.fulfill(response=answer, body=body)

    page.context.route("**/about/", change)


def ignore_errors(page, status):
    """Drop the console errors about requests that failed with `status`."""
    page.problems[:] = [
        text for text in page.problems if not ("Failed to load" in text and status in text)
    ]


def polls(page):
    """Return a list to which the address of each poll of `page` is appended."""
    seen = []
    page.on("request", lambda request: "/poll/" in request.url and seen.append(request.url))
    return seen


def test_badge_follows_in_every_tab(people, second_tab):
    ada, bob = people
    ada.goto("/about/")
    other = second_tab(ada, "/collections/")
    expect(badge(ada)).to_be_hidden()

    bob.goto(f"/users/{ada.username}/")
    bob.get_by_role("link", name="Send a message").click()
    bob.get_by_label("Message*").fill("Hello, Ada.")
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_role("main")).to_contain_text("Your message has been sent.")

    for tab in (ada, other):
        expect(badge(tab)).to_have_text("1")
        expect(badge(tab)).to_be_visible()
        expect(tab).to_have_title(re.compile(r"^\(1\) "))
        expect(tab.locator("[data-notification-status]")).to_have_text("Unread messages: 1")

    ada.get_by_role("link", name=re.compile("Messages")).click()
    expect(ada.get_by_role("main")).to_contain_text("Hello, Ada.")
    for tab in (ada, other):
        expect(badge(tab)).to_be_hidden()
        expect(tab).to_have_title(re.compile(r"^[^(]"))


def test_conversation_shows_both_sides(people):
    ada, bob = people
    write(bob, ada, "Where is the first specimen?")
    ada.goto("/messages/")
    ada.get_by_role("link", name=re.compile("Reply")).click()
    ada.get_by_label("Message*").fill("In the\nlibrary.")
    ada.keyboard.press("Control+Enter")
    expect(ada.get_by_role("main")).to_contain_text("Your message has been sent.")
    messages = ada.get_by_role("main").get_by_role("article")
    expect(messages).to_have_count(2)
    expect(messages.last).to_contain_text("In the")
    ada.goto("/messages/sent/")
    expect(ada.get_by_role("main").get_by_role("article")).to_have_count(1)

    ada.goto(f"/messages/with/{bob.username}/")
    ada.get_by_role("link", name="Delete conversation").click()
    ada.get_by_role("button", name="Delete conversation").click()
    expect(ada.get_by_role("main")).to_contain_text("What people write to you will be here")
    bob.goto(f"/messages/with/{ada.username}/")
    expect(bob.get_by_role("main").get_by_role("article")).to_have_count(2)


def test_characters_left_are_counted(people):
    ada, bob = people
    ada.goto(f"/messages/with/{bob.username}/")
    field, counter = ada.get_by_label("Message*"), ada.locator("[data-counter]")
    expect(counter).to_have_text("Characters left: 140")
    field.fill("x" * 130 + "🙂")
    expect(counter).to_have_text("Characters left: 9")
    field.fill("x" * 143)
    expect(counter).to_have_text("Characters too many: 3")
    ada.get_by_role("button", name="Send").click()
    expect(ada.get_by_role("main")).to_contain_text("This is 3 characters too long")
    expect(field).to_have_value("x" * 143)


def test_hidden_tab_does_not_poll(people):
    ada, bob = people
    ada.goto("/about/")
    ada.evaluate(SET_HIDDEN, True)
    seen = polls(ada)
    write(bob, ada, "Are you there?")
    ada.wait_for_timeout(SILENCE)
    assert seen == []
    expect(badge(ada)).to_be_hidden()
    ada.evaluate(SET_HIDDEN, False)
    expect(badge(ada)).to_have_text("1")


def test_visible_tab_polls_immediately(people):
    ada, _bob = people
    poll_every(ada, 60)
    ada.goto("/about/")
    seen = polls(ada)
    ada.wait_for_timeout(SILENCE)
    assert seen == []
    ada.evaluate(SET_HIDDEN, True)
    with ada.expect_request(POLL, timeout=20_000):
        ada.evaluate(SET_HIDDEN, False)


def test_one_visible_tab_polls_for_all(people, second_tab):
    ada, bob = people
    ada.goto("/about/")
    other = second_tab(ada, "/about/")
    seen, elsewhere = polls(ada), polls(other)
    for _ in range(2):
        with ada.expect_request(POLL):
            pass
    assert elsewhere == []

    ada.evaluate(SET_HIDDEN, True)
    before = len(seen)
    for _ in range(2):
        with other.expect_request(POLL):
            pass
    write(bob, ada, "Hello, tabs.")
    # The hidden tab does not poll, but receives the number.
    expect(badge(other)).to_have_text("1")
    expect(badge(ada)).to_have_text("1")
    assert len(seen) == before


def test_hidden_tab_aborts_its_poll(people, second_tab):
    ada, _bob = people
    stop_polling(ada)
    poll_every(ada, 4)
    ada.goto("/about/")
    ada.route(POLL, lambda route: None)  # no response
    other = second_tab(ada, "/about/")
    with ada.expect_request(POLL):
        pass
    # Four seconds from now. Twelve, if the tab kept the lock as after an error.
    with other.expect_request(POLL, timeout=8000):
        ada.evaluate(SET_HIDDEN, True)
    ada.unroute_all(behavior="ignoreErrors")


def test_every_tab_polls_without_locks(people, second_tab):
    ada, bob = people
    ada.context.add_init_script("delete Navigator.prototype.locks")
    ada.goto("/about/")
    other = second_tab(ada, "/about/")
    for tab in (ada, other):
        with tab.expect_request(POLL):
            pass
    write(bob, ada, "Hello, tabs.")
    for tab in (ada, other):
        expect(badge(tab)).to_have_text("1")


def test_unseen_count_follows_in_every_tab(people, second_tab):
    ada, bob = people
    ada.goto("/about/")
    other = second_tab(ada, "/collections/")
    bob.goto(f"/users/{ada.username}/")
    bob.get_by_role("main").get_by_role("button", name=re.compile("^Follow")).first.click()
    for tab in (ada, other):
        expect(badge(tab, "unseen_notification_count")).to_have_text("1")
    ada.get_by_role("link", name=re.compile("Notifications")).click()
    expect(ada.get_by_role("main")).to_contain_text("Bob follows you")
    for tab in (ada, other):
        expect(badge(tab, "unseen_notification_count")).to_be_hidden()


def test_expired_token_is_renewed(people):
    ada, bob = people
    stop_polling(ada)
    reads, tokens = [], []

    def expire_second(route):
        reads.append(route.request.url)
        if len(reads) == 2:
            route.continue_(headers={**route.request.headers, "authorization": "expired"})
        else:
            route.continue_()

    ada.on("request", lambda request: "/token/" in request.url and tokens.append(request.url))
    ada.route("**/api/v1.0/feed/notification/**", expire_second)
    ada.goto("/about/")
    with ada.expect_response(lambda response: response.status == 401):
        bob.goto(f"/users/{ada.username}/")
        bob.get_by_role("main").get_by_role("button", name=re.compile("^Follow")).first.click()
    expect(badge(ada, "unseen_notification_count")).to_have_text("1")
    assert len(tokens) == 2
    ignore_errors(ada, "401")


def test_polling_recovers_after_an_outage(people):
    ada, bob = people
    ada.goto("/about/")
    errors = []
    ada.on("pageerror", lambda error: errors.append(error))
    ada.route(POLL, lambda route: route.abort("connectionrefused"))
    write(bob, ada, "Can you hear me?")
    ada.wait_for_timeout(3500)
    expect(badge(ada)).to_be_hidden()
    ada.unroute(POLL)
    expect(badge(ada)).to_have_text("1", timeout=10_000)
    assert errors == []
    ada.problems[:] = [
        problem for problem in ada.problems if "ERR_CONNECTION_REFUSED" not in problem
    ]


def test_polling_backs_off_on_errors(people):
    ada, _bob = people
    ada.goto("/about/")
    ada.route(POLL, lambda route: route.fulfill(status=500, body="oops"))
    seen = polls(ada)
    ada.wait_for_timeout(8000)
    assert 2 <= len(seen) <= 4  # after 1, 2 and 4 seconds
    ignore_errors(ada, "500")


def test_polling_stops_after_the_session(people):
    ada, _bob = people
    ada.goto("/about/")
    seen = polls(ada)
    with ada.expect_response(lambda response: "/poll/" in response.url and response.status == 401):
        ada.context.clear_cookies()
    count = len(seen)
    ada.wait_for_timeout(SILENCE)
    ada.evaluate(SET_HIDDEN, True)
    ada.evaluate(SET_HIDDEN, False)
    ada.wait_for_timeout(SILENCE)
    assert len(seen) == count
    ignore_errors(ada, "401")


def test_old_page_polls_nothing_for_another_person(people, second_tab, sign_in):
    ada, bob = people
    ada.goto("/about/")
    write(bob, ada, "For Ada.")
    expect(badge(ada)).to_have_text("1")
    other = second_tab(ada, "/about/")
    with ada.expect_response(lambda response: "/poll/" in response.url and response.status == 401):
        other.context.clear_cookies()
        sign_in(other, "hugo")
    expect(badge(other)).to_be_hidden()
    # When Ada has signed in again in another tab, her old page polls once it is visible.
    other.context.clear_cookies()
    sign_in(other, ada.username)
    other.evaluate(SET_HIDDEN, True)
    with ada.expect_response(lambda response: "/poll/" in response.url and response.ok):
        ada.evaluate(SET_HIDDEN, True)
        ada.evaluate(SET_HIDDEN, False)
    ignore_errors(ada, "401")


def test_polling_survives_an_invalid_response(people):
    ada, bob = people
    ada.goto("/about/")
    ada.route(POLL, lambda route: route.fulfill(body="<html>Please sign in</html>"))
    with ada.expect_request(POLL):
        write(bob, ada, "Hello.")
    ada.unroute(POLL)
    expect(badge(ada)).to_have_text("1", timeout=10_000)


def test_hosted_unseen_count_is_remembered(people):
    ada, bob = people
    bob.goto(f"/users/{ada.username}/")
    bob.get_by_role("main").get_by_role("button", name=re.compile("^Follow")).first.click()
    expect(bob.get_by_role("main").get_by_role("button", name="Unfollow").first).to_be_visible()

    # As in a page of a site with hosted feeds, which does not wait for Stream.
    def remove_count(route):
        page = route.fetch()
        body = re.sub(r'data-unseen="[0-9]+"', 'data-unseen=""', page.text())
        body = re.sub(r',? ?{"name": "unseen_notification_count", "data": [0-9]+}', "", body)
        body = re.sub(
            r'(data-notification="unseen_notification_count"[^>]*?)(hidden)?>[0-9]+<',
            r"\1hidden><",
            body,
        )
        body = body.replace('data-seconds="1"></script>', 'data-seconds="60"></script>')
        route.fulfill(response=page, body=body)

    stop_polling(ada)
    ada.evaluate("localStorage.clear()")
    reads = []
    ada.on(
        "request", lambda request: "/feed/notification/" in request.url and reads.append(request)
    )
    for address in ("/about/", "/collections/"):
        ada.route(f"**{address}", remove_count)
        ada.goto(address)
        expect(badge(ada, "unseen_notification_count")).to_have_text("1")
    assert len(reads) == 1


def test_each_notification_fires_an_event(people, site):
    ada, _bob = people
    ada.goto("/about/")
    ada.evaluate(
        """() => document.addEventListener("notification:task_progress", ({ detail }) => {
            document.body.dataset.told = JSON.stringify(detail);
        })"""
    )
    site.shell(
        f"""
from django.contrib.auth import get_user_model
from notifications.services import notify
person = get_user_model().objects.get(username="{ada.username}")
notify(person, "task_progress", {{"task": 7, "progress": 50}})
"""
    )
    expect(ada.locator("body[data-told]")).to_have_count(1)
    told = json.loads(ada.locator("body").get_attribute("data-told"))
    assert (told["name"], told["data"]) == ("task_progress", {"task": 7, "progress": 50})
    assert told["timestamp"] > 1.7e9


def test_badges_without_javascript(people, visitor, sign_in):
    ada, bob = people
    write(bob, ada, "One.")
    write(bob, ada, "Two.")
    plain = visitor(scripts=False)
    sign_in(plain, ada.username)
    plain.goto("/about/")
    expect(badge(plain)).to_have_text("2")
    plain.get_by_role("link", name=re.compile("Messages")).click()
    expect(badge(plain)).to_be_hidden()
    plain.get_by_role("link", name=re.compile("Reply")).first.click()
    plain.get_by_label("Message*").fill("Three.")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("main")).to_contain_text("Your message has been sent.")
    expect(plain.get_by_role("main").get_by_role("article")).to_have_count(3)

"""Messages and badges, seen by people in browsers of their own, in one tab and in several."""

import json
import re

import pytest
from playwright.sync_api import expect

# A poll is due every second here; one that is missing for so long is not coming.
SILENCE = 2500

POLL = "**/notifications/poll/**"

# Both tabs of a headless browser count as visible: this hides one, or shows it again.
LOOK_AWAY = """(hidden) => {
    const state = { hidden, visibilityState: hidden ? "hidden" : "visible" };
    for (const [name, value] of Object.entries(state))
        Object.defineProperty(document, name, { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


@pytest.fixture
def people(newcomers):
    """Pages of Ada and Bob, each signed in."""
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


def quieten(page):
    """Let `page`, wherever it is, ask nothing more, and finish what it asks."""
    page.evaluate(LOOK_AWAY, True)
    page.wait_for_timeout(1000)


def poll_every(page, seconds):
    """Let the page "About" poll that often, so that "at once" and "in time" are far apart."""

    def change(route):
        answer = route.fetch()
        body = answer.text().replace('data-seconds="1"', f'data-seconds="{seconds}"')
        route.fulfill(response=answer, body=body)

    page.context.route("**/about/", change)


def forget(page, status):
    """Forget what a browser itself says of every request that failed with `status`."""
    page.problems[:] = [
        text for text in page.problems if not ("Failed to load" in text and status in text)
    ]


def polls(page):
    """Return the list that the polls of `page` are going to be in."""
    seen = []
    page.on("request", lambda request: "/poll/" in request.url and seen.append(request.url))
    return seen


def test_a_message_is_told_without_a_reload_and_read_in_every_tab(people, second_tab):
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


def test_who_answers_finds_both_sides_of_it(people):
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


def test_what_is_left_is_counted_while_one_types(people):
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


def test_a_hidden_tab_asks_nothing(people):
    ada, bob = people
    ada.goto("/about/")
    ada.evaluate(LOOK_AWAY, True)
    seen = polls(ada)
    write(bob, ada, "Are you there?")
    ada.wait_for_timeout(SILENCE)
    assert seen == []
    expect(badge(ada)).to_be_hidden()
    ada.evaluate(LOOK_AWAY, False)
    expect(badge(ada)).to_have_text("1")


def test_a_tab_that_is_looked_at_again_asks_at_once(people):
    ada, _bob = people
    poll_every(ada, 60)
    ada.goto("/about/")
    seen = polls(ada)
    ada.wait_for_timeout(SILENCE)
    assert seen == []
    ada.evaluate(LOOK_AWAY, True)
    with ada.expect_request(POLL, timeout=20_000):
        ada.evaluate(LOOK_AWAY, False)


def test_one_tab_polls_for_all_and_another_goes_on_when_it_is_left(people, second_tab):
    ada, bob = people
    ada.goto("/about/")
    other = second_tab(ada, "/about/")
    seen, elsewhere = polls(ada), polls(other)
    for _ in range(2):
        with ada.expect_request(POLL):
            pass
    assert elsewhere == []

    ada.evaluate(LOOK_AWAY, True)
    before = len(seen)
    for _ in range(2):
        with other.expect_request(POLL):
            pass
    write(bob, ada, "Hello, tabs.")
    # The hidden tab asks nothing, and is told.
    expect(badge(other)).to_have_text("1")
    expect(badge(ada)).to_have_text("1")
    assert len(seen) == before


def test_a_tab_that_is_left_while_it_waits_for_an_answer_gives_its_turn_away(people, second_tab):
    ada, _bob = people
    quieten(ada)
    poll_every(ada, 4)
    ada.goto("/about/")
    ada.route(POLL, lambda route: None)  # never answered
    other = second_tab(ada, "/about/")
    with ada.expect_request(POLL):
        pass
    # Four seconds from now; twelve, were the turn kept as after an error.
    with other.expect_request(POLL, timeout=8000):
        ada.evaluate(LOOK_AWAY, True)
    ada.unroute_all(behavior="ignoreErrors")


def test_without_locks_every_visible_tab_polls(people, second_tab):
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


def test_unseen_notifications_are_told_too_and_seen_in_every_tab(people, second_tab):
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


def test_an_expired_token_is_renewed_unnoticed(people):
    ada, bob = people
    quieten(ada)
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
    forget(ada, "401")


def test_after_an_outage_the_page_recovers_by_itself(people):
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


def test_it_asks_less_and_less_often_while_nobody_answers(people):
    ada, _bob = people
    ada.goto("/about/")
    ada.route(POLL, lambda route: route.fulfill(status=500, body="oops"))
    seen = polls(ada)
    ada.wait_for_timeout(8000)
    assert 2 <= len(seen) <= 4  # after 1, 2 and 4 seconds
    forget(ada, "500")


def test_after_the_session_ended_it_stops_asking(people):
    ada, _bob = people
    ada.goto("/about/")
    seen = polls(ada)
    with ada.expect_response(lambda response: "/poll/" in response.url and response.status == 401):
        ada.context.clear_cookies()
    count = len(seen)
    ada.wait_for_timeout(SILENCE)
    ada.evaluate(LOOK_AWAY, True)
    ada.evaluate(LOOK_AWAY, False)
    ada.wait_for_timeout(SILENCE)
    assert len(seen) == count
    forget(ada, "401")


def test_the_page_of_somebody_who_signed_out_asks_nothing_for_whoever_came_next(
    people, second_tab, sign_in
):
    ada, bob = people
    ada.goto("/about/")
    write(bob, ada, "For Ada.")
    expect(badge(ada)).to_have_text("1")
    other = second_tab(ada, "/about/")
    with ada.expect_response(lambda response: "/poll/" in response.url and response.status == 401):
        other.context.clear_cookies()
        sign_in(other, "hugo")
    expect(badge(other)).to_be_hidden()
    # Signed in again, Ada's old page goes on as soon as a new one says so, and is looked at.
    other.context.clear_cookies()
    sign_in(other, ada.username)
    other.evaluate(LOOK_AWAY, True)
    with ada.expect_response(lambda response: "/poll/" in response.url and response.ok):
        ada.evaluate(LOOK_AWAY, True)
        ada.evaluate(LOOK_AWAY, False)
    forget(ada, "401")


def test_an_answer_that_is_none_is_waited_out(people):
    ada, bob = people
    ada.goto("/about/")
    ada.route(POLL, lambda route: route.fulfill(body="<html>Please sign in</html>"))
    with ada.expect_request(POLL):
        write(bob, ada, "Hello.")
    ada.unroute(POLL)
    expect(badge(ada)).to_have_text("1", timeout=10_000)


def test_where_feeds_are_hosted_the_browser_asks_and_remembers(people):
    """The page leaves the number out, as it does where no page waits for Stream."""
    ada, bob = people
    bob.goto(f"/users/{ada.username}/")
    bob.get_by_role("main").get_by_role("button", name=re.compile("^Follow")).first.click()
    expect(bob.get_by_role("main").get_by_role("button", name="Unfollow").first).to_be_visible()

    def leave_out(route):
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

    quieten(ada)
    ada.evaluate("localStorage.clear()")
    reads = []
    ada.on(
        "request", lambda request: "/feed/notification/" in request.url and reads.append(request)
    )
    for address in ("/about/", "/collections/"):
        ada.route(f"**{address}", leave_out)
        ada.goto(address)
        expect(badge(ada, "unseen_notification_count")).to_have_text("1")
    assert len(reads) == 1


def test_whoever_listens_is_told_of_whatever_is_notified(people, site):
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


def test_without_scripts_badges_are_right_when_the_page_loads(people, visitor, sign_in):
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

"""Moderation of one link by four people: report, hide, appeal, restore."""

import pytest
from playwright.sync_api import expect

MAKE_MODERATORS = """
from django.contrib.auth import get_user_model
from accounts.roles import MODERATORS, group
for person in get_user_model().objects.filter(username__in={usernames}):
    person.groups.add(group(MODERATORS))
"""
STREAM_ID = """
from collections_app.models import Content
print(Content.objects.get(title="{title}").stream_id)
"""
UNSEEN = "[data-notification=unseen_notification_count]"
OPEN_REPORTS = "[data-notification=open_report_count]"


@pytest.fixture
def moderators(site, newcomers):
    """Return a function that creates moderators and opens a page for each."""

    def enter(*names):
        pages = newcomers(*names)
        site.shell(MAKE_MODERATORS.format(usernames=[page.username for page in pages]))
        for page in pages:
            page.goto("/about/")
        return pages

    return enter


def make_collection(page, name):
    page.goto("/collections/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Description").fill("What there is to read.")
    page.get_by_role("button", name="Create").click()
    return page.url


def add_link(page, title):
    page.get_by_role("main").get_by_role("link", name="Add a link").first.click()
    page.get_by_label("Link*", exact=True).fill(f"https://example.org/{title}")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("main").get_by_role("link", name=title, exact=True)).to_be_visible()


def open_case(page, title):
    """Open the queue by the link in the navigation, then the case on `title`."""
    page.goto("/about/")
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("link", name=title, exact=True).click()


def decide(page, label, reason):
    page.get_by_label(label).check()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Decided:")).to_be_visible()


def test_report_hide_appeal_and_restore(site, newcomers, moderators):
    author, reporter = newcomers("Ana", "Rita")
    first, second = moderators("Mo", "Max")
    title = f"bargain{author.username}"
    address = make_collection(author, f"Collection of {author.username}")
    reporter.goto(address)
    reporter.get_by_role("main").get_by_role("button", name="Follow").click()
    expect(reporter.get_by_role("button", name="Unfollow")).to_be_visible()
    author.goto(address)
    add_link(author, title)
    addresses = ["/", address, f"/users/{author.username}/", f"{address}activity/"]
    check_shown(reporter, addresses, title, shown=True)
    stream_id = site.shell(STREAM_ID.format(title=title))
    unseen = unseen_counts(author, reporter, first, second)

    # A report shows in the moderator's badge within one interval (a second here).
    before = first.locator(OPEN_REPORTS).text_content() or "0"
    reporter.goto(address)
    reporter.get_by_role("listitem").filter(has_text=title).get_by_role(
        "link", name="Report"
    ).click()
    reporter.get_by_label("Spam").check()
    reporter.get_by_label("What should moderators know?").fill("It only sells.")
    reporter.get_by_role("button", name="Report").click()
    expect(reporter.get_by_role("main")).to_contain_text("Waiting for a moderator")
    expect(first.locator(OPEN_REPORTS)).not_to_have_text(before, timeout=3_000)

    # A link that is hidden from the queue disappears from all pages.
    open_case(first, title)
    expect(first.get_by_text("It only sells.")).to_be_visible()
    decide(first, "Hide it", "Nothing but an advertisement.")
    check_shown(reporter, [*addresses, "/collections/?sort=newest"], title, shown=False)
    reporter.goto("/settings/reports/")
    expect(reporter.get_by_role("main")).to_contain_text("It was hidden")

    # Its author sees the reason, and appeals.
    author.goto(address)
    expect(author.get_by_role("main")).to_contain_text("Nothing but an advertisement.")
    author.get_by_role("link", name="Ask for a second look").click()
    author.get_by_label("Why should it be shown?").fill("I only recommend it.")
    author.get_by_role("button", name="Ask for a second look").click()
    expect(author.get_by_role("main")).to_contain_text("Waiting for a moderator")

    # The moderator who hid it may not decide the appeal.
    open_case(first, title)
    expect(first.get_by_text("another moderator takes the second look")).to_be_visible()
    open_case(second, title)
    expect(second.get_by_text("I only recommend it.")).to_be_visible()
    decide(second, "Restore it", "True enough.")

    check_shown(reporter, addresses, title, shown=True)
    assert site.shell(STREAM_ID.format(title=title)) == stream_id
    assert unseen_counts(author, reporter, first, second) == unseen
    author.goto("/settings/hidden/")
    expect(author.get_by_role("main")).not_to_contain_text(title)


def check_shown(page, addresses, title, *, shown):
    for address in addresses:
        page.goto(address)
        link = page.get_by_role("main").get_by_role("link", name=title, exact=True)
        expect(link).to_have_count(1 if shown else 0)


def unseen_counts(*pages):
    counts = []
    for page in pages:
        page.goto("/about/")
        counts.append(page.locator(UNSEEN).text_content())
    return counts


def test_reported_message_is_shown_on_request(newcomers, moderators):
    sender, recipient = newcomers("Sam", "Rita")
    (moderator,) = moderators("Mo")
    sender.goto(f"/messages/with/{recipient.username}/")
    sender.get_by_label("Message").fill("Buy my secret powder.")
    sender.get_by_role("button", name="Send").click()
    recipient.goto(f"/messages/with/{sender.username}/")
    recipient.get_by_role("link", name="Report").click()
    recipient.get_by_label("Harassment").check()
    recipient.get_by_role("button", name="Report").click()
    open_case(moderator, f"A message from @{sender.username}")
    expect(moderator.get_by_role("main")).not_to_contain_text("secret powder")
    moderator.get_by_role("button", name="Show the message").click()
    expect(moderator.get_by_role("main")).to_contain_text("secret powder")
    expect(moderator.get_by_role("main")).to_contain_text("That you read it is written down")
    sender.context.clear_cookies()  # or polls of their page would fail
    sender.goto("/about/")
    decide(moderator, "Suspend its author", "Advertisements by message.")
    recipient.goto(f"/users/{sender.username}/")
    expect(recipient.get_by_role("heading", level=1)).to_contain_text("not")


def test_moderation_pages_have_no_errors(page, sign_in):
    sign_in(page, "grace")
    paths = ["/admin/moderation/case/", "/admin/moderation/logrecord/", "/about/moderation/"]
    for path in [*paths, "/settings/reports/", "/settings/hidden/"]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_report_without_javascript(visitor, sign_in):
    page = visitor(scripts=False)
    sign_in(page, "ben")
    page.goto("/users/carla/")
    page.get_by_role("link", name="Report").click()
    page.get_by_label("Something else").check()
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("main")).to_contain_text("@carla")

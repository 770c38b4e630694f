"""The main task: sign up, add a link to a new collection, see both in the feeds."""

import re

from playwright.sync_api import expect


def test_sign_up_and_collect_a_link(page, site):
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("E-mail address").fill("newcomer@example.org")
    page.get_by_label("Password*", exact=True).fill("a rather long passphrase")
    page.get_by_label("Password (again)").fill("a rather long passphrase")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("main")).to_contain_text("terminal")

    page.goto(site.mailed_link("/confirm-email/"))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="New collection").first.click()
    page.get_by_label("Name").fill("Programming languages")
    page.get_by_label("Description").fill("Languages that I want to learn.")
    page.get_by_role("button", name="Create collection").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Programming languages")

    page.get_by_role("main").get_by_role("link", name="Add a link").first.click()
    page.get_by_label("Link*", exact=True).fill("https://www.python.org/")
    page.get_by_label("Title").fill("Python")
    page.get_by_role("button", name="Add link").click()
    link = page.get_by_role("link", name="Python", exact=True)
    expect(link).to_have_attribute("href", "https://www.python.org/")
    expect(link).to_have_attribute("rel", re.compile("ugc nofollow noopener"))

    page.get_by_role("link", name="Activity").click()
    activity = page.get_by_role("main").get_by_role("article")
    expect(activity).to_have_count(1)
    expect(activity).to_contain_text("added Python to Programming languages")

    page.goto("/users/newcomer/activity/")
    expect(page.get_by_role("main").get_by_role("article")).to_contain_text(
        "created the collection Programming languages"
    )

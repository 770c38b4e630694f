"""A moderator's work from the page itself and in the admin."""

from playwright.sync_api import expect


def test_a_moderator_hides_a_collection_and_brings_it_back(page, sign_in):
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


def test_the_pages_of_the_admin_are_clean(page, sign_in):
    sign_in(page, "grace")
    for path in ("", "accounts/user/", "collections_app/collection/", "collections_app/content/"):
        page.goto(f"/admin/{path}")
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_someone_who_is_no_staff_is_kept_out_of_the_admin(page, sign_in):
    sign_in(page, "ben")
    page.goto("/admin/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("may not")

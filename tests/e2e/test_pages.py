"""Every page in both themes, on a desktop and on a phone, for each role.

The pages are those that return 200 in tests/test_access_matrix.py.
"""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from django.urls import reverse

from tests.e2e.conftest import AXE_OPTIONS, watch
from tests.test_access_matrix import MATRIX, ROLES

NO_PAGES = {
    "account_logout",
    "collections:feed",
    "download_data",
    "feeds:token",
    "healthz",
    "healthz_feeds",
    "notifications:poll",
    "previews:picture",
    "profile_feed",
    "robots",
    "where_is_link",
}
DESKTOP, PHONE, BETWEEN = 1200, 320, (768, 992)
CONTRAST = {**AXE_OPTIONS, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# The theme changes contrast alone, so one full check for each width is enough.
VIEWS = [
    ("light", DESKTOP, AXE_OPTIONS),
    ("dark", DESKTOP, CONTRAST),
    ("dark", PHONE, AXE_OPTIONS),
    ("light", PHONE, CONTRAST),
]
# Pia has one object of each type. The moderator grace has hidden a link of hers and written to her.
WORLD = """
import json
from django.conf import settings
from django.contrib.auth import get_user_model
from accounts.services import confirm
from collections_app.imports import start
from collections_app.services import add_link, create_collection, hide
from messaging.services import send
grace = get_user_model().objects.get(username="grace")
pia = get_user_model().objects.create_user(
    username="pia", email="pia@example.org", password=settings.DEMO_PASSWORD, name="Pia Berg"
)
confirm(pia)
collection = create_collection(author=pia, name="Rivers", description="From source to sea.")
link, hidden = (
    add_link(collection=collection, url=f"https://example.org/{name}", title=name)
    for name in ("danube", "advertisement")
)
hide(target=hidden, by=grace, reason="An advertisement.")
message = send(sender=grace, recipient=pia, body="Have a look at the house rules.")
bookmarks = b'<DL><DT><A HREF="https://example.org/rhine">Rhine</A></DL>'
work = start(person=pia, file_name="bookmarks.html", data=bookmarks)
print(json.dumps([collection.pk, link.pk, hidden.pk, message.pk, work.pk]))
"""


@pytest.fixture(scope="module")
def addresses(site):
    """Return the addresses of the pages that each role may see, by role."""
    collection, link, hidden, message, work = json.loads(site.shell(WORLD).splitlines()[-1])
    arguments = {
        "": [],
        "username": ["pia"],
        "collection": [collection],
        "link": [link],
        "reported": ["link", link],
        "hidden": ["link", hidden],
        "message": [message],
        "import": [work],
        "reset": ["1", "key"],
        "confirmation": ["no-such-key"],
    }
    return {
        role: [
            reverse(name, args=arguments[argument])
            for name, (argument, get, _post) in MATRIX.items()
            if get.split()[column] == "200" and name not in NO_PAGES
        ]
        for column, role in enumerate(ROLES)
    }


def check_page(page, address):
    """Fail on accessibility or layout problems of a page in any of the four views."""
    # Colours in the middle of a transition would fail the contrast check.
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    for theme, width, options in VIEWS:
        page.set_viewport_size({"width": width, "height": 700})
        page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
        results = Axe().run(page, options=options)
        assert not results.violations_count, f"{address} {theme}: {results.generate_report()}"
        check_width(page, width)
    for width in BETWEEN:
        page.set_viewport_size({"width": width, "height": 700})
        check_width(page, width)


def check_width(page, width):
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px too wide for {width} px"
    cut = page.locator(".brand").evaluate_all(
        "all => all.some((b) => b.scrollWidth > b.clientWidth)"
    )
    assert not cut, f"the name of the site is cut off at {width} px on {page.url}"


@pytest.fixture
def reader(browser, site):
    """Open a page that axe checks on demand only."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    problems = watch(page)
    yield page
    assert not problems, "\n".join(problems)
    context.close()


def test_pages_for_visitors(reader, addresses):
    for address in [*addresses["anonymous"], "/nothing/"]:
        check_page(reader, address)


def test_pages_for_authors(reader, addresses, sign_in):
    sign_in(reader, "pia")
    for address in [*addresses["author"], "/users/ben/", reverse("collections:edit", args=[3])]:
        check_page(reader, address)


def test_pages_for_moderators(reader, addresses, sign_in):
    sign_in(reader, "grace")
    for address in sorted({*addresses["moderator"]} - {*addresses["author"]}):
        check_page(reader, address)


def test_empty_pages(newcomers):
    (page,) = newcomers("Ada")
    own = f"/users/{page.username}"
    for address in ("/", "/notifications/", "/messages/", f"{own}/", f"{own}/activity/"):
        check_page(page, address)
    for list_of in ("followers", "following", "following/collections"):
        check_page(page, f"{own}/{list_of}/")


def test_server_error_page(reader):
    body = render_to_string("500.html")
    reader.route("**/broken/", lambda route: route.fulfill(body=body, content_type="text/html"))
    check_page(reader, "/broken/")

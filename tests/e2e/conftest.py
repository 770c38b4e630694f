"""Browser tests: the site runs as `make run` starts it, on a database file of its own.

Every test here fails on an error in the browser's console, on a report of the content security
policy and on an accessibility violation (axe, WCAG 2.2 AA) of any page that it looks at.
"""

import json
import os
import uuid
from pathlib import Path
from urllib.parse import urldefrag

import axe_playwright_python
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.site import CHROMIUM, LAUNCH, Site

AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Reading style sheets again would break the content security policy.
    "preload": False,
}
AXE_SOURCE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
AXE_SCRIPT = f"""{AXE_SOURCE};
window.addEventListener("load", async () => {{
  const results = await axe.run(document, {json.dumps(AXE_OPTIONS)});
  for (const violation of results.violations) {{
    const places = violation.nodes.map((node) => node.html).join(" ");
    console.error(`axe ${{violation.id}}: ${{violation.help}}: ${{places}}`);
  }}
}});
"""

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_collection_modifyitems(items):
    if CHROMIUM or os.environ.get("CI") == "true":
        return
    for item in items:
        item.add_marker(pytest.mark.skip(reason="needs Chromium (Debian: apt install chromium)"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    assert CHROMIUM, "no Chromium on this machine"
    return {**browser_type_launch_args, **LAUNCH}


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Return the running site: `.url`, `.log()` (what it printed, mail included), `.password`."""
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def base_url(site):
    return site.url


@pytest.fixture
def page(page):
    """Return a page that fails its test on a console error, a policy report or an axe violation.

    axe looks at every page when it has loaded, and once more at the last one as it stands at the
    end; what it finds becomes a console error.
    """
    problems = prepare(page)
    yield page
    check_accessibility(page)
    assert not problems, "\n".join(problems)


@pytest.fixture
def visitor(browser, site):
    """Return a function that opens a page like `page` in a browser of its own, as another person.

    Without JavaScript if asked for: such a page is not looked at by axe, which is a script itself.
    `locale` is the browser's language.
    """
    contexts, opened = [], []

    def open_page(*, scripts=True, locale=None):
        context = browser.new_context(base_url=site.url, java_script_enabled=scripts, locale=locale)
        contexts.append(context)
        page = contexts[-1].new_page()
        page.problems = prepare(page)
        opened.append((page, page.problems, scripts))
        return page

    yield open_page
    for page, problems, scripts in opened:
        if scripts:
            check_accessibility(page)
        assert not problems, "\n".join(problems)
    for context in contexts:
        context.close()


def prepare(page):
    """Let `page` report what is wrong with it; return the list of that."""
    problems = watch(page)
    page.set_default_timeout(10_000)
    page.add_init_script(AXE_SCRIPT)
    return problems


def watch(page):
    """Return the list that problems of `page` will be appended to."""
    problems, documents = [], set()

    def response(received):
        if received.request.is_navigation_request():
            documents.add(urldefrag(received.url).url)

    def console(message):
        # Chromium also reports the status of a page itself: 404 and 422 are answers, not errors.
        about_the_page = urldefrag(message.location.get("url", "")).url in documents
        if message.type == "error" and not (
            about_the_page and message.text.startswith("Failed to load resource")
        ):
            problems.append(f"{page.url}: {message.text}")

    page.on("response", response)
    page.on("console", console)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    return problems


def check_accessibility(page):
    """Fail on any axe violation of `page` as it is now."""
    if page.url.startswith("http"):
        results = Axe().run(page, options=AXE_OPTIONS)
        assert results.violations_count == 0, results.generate_report()


@pytest.fixture
def sign_in(site):
    """Return a function that signs a demo person in through the form."""

    def sign_in(page, username):
        page.goto("/accounts/login/")
        page.get_by_label("Username or e-mail").fill(username)
        page.get_by_label("Password").fill(site.password)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("navigation", name="Main")).to_contain_text(username)

    return sign_in


NEWCOMERS = """
from accounts.services import confirm
from django.contrib.auth import get_user_model
from django.conf import settings
for name in {names}:
    person = get_user_model().objects.create_user(
        username=name.lower() + "{suffix}",
        email=name.lower() + "{suffix}@example.org",
        password=settings.DEMO_PASSWORD,
        name=name,
    )
    confirm(person)
"""


@pytest.fixture
def newcomers(site, visitor, sign_in):
    """Return a function that makes people and opens a page for each, signed in.

    Their usernames, which no other test has, are the attribute `username` of their pages.
    """

    def enter(*names):
        suffix = uuid.uuid4().hex[:6]
        site.shell(NEWCOMERS.format(names=names, suffix=suffix))
        pages = [visitor() for _name in names]
        for page, name in zip(pages, names, strict=True):
            page.username = f"{name.lower()}{suffix}"
            sign_in(page, page.username)
        return pages

    return enter

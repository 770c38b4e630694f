"""Renew docs/screenshots: `make screenshots`, or `python -m tests.e2e.screenshots [folder]`.

The site runs on a temporary database with the demo people.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.site import LAUNCH, Site

FOLDER = Path("docs/screenshots")
DESKTOP = {"width": 1024, "height": 700}
PHONE = {"width": 320, "height": 640}
THEMES = {
    "light": {"color_scheme": "light", "viewport": DESKTOP},
    "dark": {"color_scheme": "dark", "viewport": DESKTOP},
    "phone": {"color_scheme": "light", "viewport": PHONE},
}
FOR_VISITORS = {"front": "/", "explore": "/collections/"}
FOR_ANA = {
    "home": "/",
    "collection": "/collections/{collection}/",
    "profile": "/users/ana/",
    "notifications": "/notifications/",
    "conversation": "/messages/with/ben/",
}
COLLECTION = """
from collections_app.models import Collection
print(Collection.objects.get(author__username="ana", name="Typography").pk)
"""


def take_all(folder):
    """Save a screenshot of each page in each theme to `folder`."""
    with tempfile.TemporaryDirectory() as place, Site(Path(place)) as site:
        collection = site.shell(COLLECTION).splitlines()[-1]
        pages = {name: path.format(collection=collection) for name, path in FOR_ANA.items()}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**LAUNCH)
            for theme, options in THEMES.items():
                context = browser.new_context(base_url=site.url, **options)
                take_screenshots(context, FOR_VISITORS, folder, theme)
                sign_in(context, site.password)
                take_screenshots(context, pages, folder, theme)
                context.close()
            browser.close()


def sign_in(context, password):
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Username or e-mail").fill("ana")
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Home").wait_for()
    page.close()


def take_screenshots(context, pages, folder, theme):
    page = context.new_page()
    for name, path in pages.items():
        page.goto(path)
        page.screenshot(path=folder / f"{name}-{theme}.png")
    page.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialnet.settings")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    take_all(target)
    size = sum(picture.stat().st_size for picture in target.glob("*.png"))
    print(f"{len(list(target.glob('*.png')))} pictures, {size / 1024:.0f} KB, in {target}")

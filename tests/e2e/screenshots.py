"""Renew docs/screenshots: `make screenshots`, or `python -m tests.e2e.screenshots [folder]`.

The site runs on a database of its own with the demo people in it, and ends with this.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.site import LAUNCH, Site

FOLDER = Path("docs/screenshots")
DESK = {"width": 1024, "height": 700}
PHONE = {"width": 320, "height": 640}
LOOKS = {
    "light": {"color_scheme": "light", "viewport": DESK},
    "dark": {"color_scheme": "dark", "viewport": DESK},
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


def take(folder):
    """Take every picture in every look into `folder`."""
    with tempfile.TemporaryDirectory() as place, Site(Path(place)) as site:
        collection = site.shell(COLLECTION).splitlines()[-1]
        pages = {name: path.format(collection=collection) for name, path in FOR_ANA.items()}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**LAUNCH)
            for look, options in LOOKS.items():
                context = browser.new_context(base_url=site.url, **options)
                photograph(context, FOR_VISITORS, folder, look)
                sign_in(context, site.password)
                photograph(context, pages, folder, look)
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


def photograph(context, pages, folder, look):
    page = context.new_page()
    for name, path in pages.items():
        page.goto(path)
        page.screenshot(path=folder / f"{name}-{look}.png")
    page.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialnet.settings")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    take(target)
    size = sum(picture.stat().st_size for picture in target.glob("*.png"))
    print(f"{len(list(target.glob('*.png')))} pictures, {size / 1024:.0f} KB, in {target}")

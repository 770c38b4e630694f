"""What a page may weigh (design, section 13): our own scripts 12 KB, our own style sheets 20 KB."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory

pytestmark = pytest.mark.django_db

# What is loaded at once, and what an attribute names for later.
SOURCE = re.compile(r'="/static/([^"]+\.(?:js|css))"')
IMPORT = re.compile(r'(?:from |import\()"\./([^"]+)"')


def weight(page, ending):
    """Return how many bytes of our own files a page loads, with what its modules import."""
    files = {Path(finders.find(name)) for name in SOURCE.findall(page) if "bootstrap" not in name}
    while (
        imported := {
            path.with_name(name) for path in files for name in IMPORT.findall(path.read_text())
        }
        - files
    ):
        files |= imported
    return sum(path.stat().st_size for path in files if path.suffix == ending)


@pytest.mark.parametrize(
    "name",
    [
        "home",
        "notifications",
        "collections:explore",
        "accounts:directory",
        "about",
        "search:search",
    ],
)
def test_every_page_is_light(signed_in, name):
    check(signed_in(UserFactory()).get(reverse(name)))


def test_a_home_page_with_everything_on_it_is_light(signed_in):
    person, suggested = UserFactory(), ContentFactory().author
    page = signed_in(person).get(reverse("home"))
    assert suggested.get_absolute_url() in page.text
    for script in ("feeds/news.js", "follows/follow.js", "js/sheet.js"):
        assert script in page.text
    check(page)


def test_the_form_that_fills_itself_in_is_light(signed_in, settings):
    settings.LINK_PREVIEWS = True
    page = signed_in(CollectionFactory().author).get(reverse("collections:add_link"))
    assert "collections_app/preview.js" in page.text
    check(page)


def test_pages_of_a_collection_and_a_person_are_light(signed_in):
    collection = ContentFactory().collection
    client = signed_in(UserFactory())
    for target in (collection, collection.author):
        check(client.get(target.get_absolute_url()))
        check(client.get(f"{target.get_absolute_url()}activity/"))


def check(answer):
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 0 < weight(page, ".js") <= 12 * 1024
    assert 0 < weight(page, ".css") <= 20 * 1024

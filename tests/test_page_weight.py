"""Weight limits of a page: own JavaScript 8 KB (gzipped, without comments), own CSS 20 KB."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from tests.test_access_matrix import MATRIX, ROLES, enter, make_world

pytestmark = pytest.mark.django_db

MAX_SCRIPTS = 8 * 1024
MAX_STYLESHEETS = 20 * 1024

BOOTSTRAP = "js-lib-bootstrap5/"
# Any attribute counts, as a page may name scripts that it loads later.
LOADED = re.compile(r'="/static/([^"]+\.(?:js|css))"')
IMPORTED = re.compile(r'(?:from|import)[ (]"([^"]+\.(?:js|css))"')
# Strings and escaped characters come first: they may hold what looks like a comment.
COMMENT = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\\.)|//[^\n]*|/\*.*?\*/""", re.DOTALL
)


def without_comments(script):
    return COMMENT.sub(lambda match: match[1] or "", script)


def own_files(page):
    """Return the paths of our scripts and stylesheets that a page loads, and of their imports."""
    names = {name for name in LOADED.findall(page) if not name.startswith(BOOTSTRAP)}
    pending = [Path(finders.find(name)) for name in names]
    files = set()
    while pending:
        path = pending.pop()
        if path not in files:
            files.add(path)
            imports = IMPORTED.findall(path.read_text())
            pending += [(path.parent / name).resolve() for name in imports]
    return files


def weigh(page):
    """Return the bytes of a page's own scripts and of its own stylesheets."""
    scripts = stylesheets = 0
    for path in own_files(page):
        if path.suffix == ".js":
            scripts += len(gzip.compress(without_comments(path.read_text()).encode()))
        else:
            stylesheets += path.stat().st_size
    return scripts, stylesheets


def check(name, response):
    assert response.status_code == 200, name
    scripts, stylesheets = weigh(response.content.decode())
    assert 0 < scripts <= MAX_SCRIPTS, f"{name}: {scripts} bytes of scripts"
    assert 0 < stylesheets <= MAX_STYLESHEETS, f"{name}: {stylesheets} bytes of stylesheets"


@pytest.mark.parametrize("role", ["anonymous", "stranger", "author", "moderator"])
def test_each_page_is_light(client, settings, role):
    settings.LINK_PREVIEWS = True
    world = make_world()
    enter(client, world, role)
    column = ROLES.index(role)
    checked = 0
    for name, (arguments, statuses, _post) in MATRIX.items():
        if statuses.split()[column] != "200":
            continue
        response = client.get(reverse(name, args=world["arguments"][arguments]))
        if response["Content-Type"].startswith("text/html"):
            check(f"{name} ({role})", response)
            checked += 1
    assert checked > 15


def test_home_with_suggestions_is_light(signed_in):
    suggested = ContentFactory().author
    page = signed_in(UserFactory()).get(reverse("home"))
    assert suggested.get_absolute_url() in page.text
    for script in ("feeds/news.js", "follows/follow.js", "js/sheet.js"):
        assert script in page.text
    check("home", page)


def test_form_with_preview_is_light(signed_in, settings):
    settings.LINK_PREVIEWS = True
    page = signed_in(CollectionFactory().author).get(reverse("collections:add_link"))
    assert "collections_app/preview.js" in page.text
    check("add a link", page)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('go(); // "why"\nend();', "go(); \nend();"),
        ("/* why\n// still */ go();", " go();"),
        ('go("// no comment"); // why', 'go("// no comment"); '),
        (r"test(/^https?:\/\//i); // why", r"test(/^https?:\/\//i); "),
        ("go(`${url}//path`);", "go(`${url}//path`);"),
    ],
)
def test_comments_are_not_counted(script, expected):
    assert without_comments(script) == expected

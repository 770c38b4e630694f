"""Markup that all pages share: metadata, theme, messages, empty lists."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from socialnet.templatetags.site import tint

pytestmark = pytest.mark.django_db

META = re.compile(r'<meta property="(og:[^"]+)"\s+content="([^"]*)"')
STATIC_FILE = re.compile(r'"/static/([^"]+)"')


def page_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def sharing_metadata(client, address):
    return dict(META.findall(page_of(client, address)))


def test_collection_has_sharing_metadata(client, settings):
    collection = CollectionFactory(name='"Type" & <b>', description="Letters.")
    tags = sharing_metadata(client, collection.get_absolute_url())
    assert tags["og:title"] == "&quot;Type&quot; &amp; &lt;b&gt;"
    assert tags["og:description"] == "Letters."
    assert tags["og:url"] == settings.SITE_URL + collection.get_absolute_url()
    assert tags["og:image"].startswith(f"{settings.SITE_URL}/static/images/share")


def test_profile_has_sharing_metadata(client):
    ana = UserFactory(name="Ana Lopes", about="")
    tags = sharing_metadata(client, ana.get_absolute_url())
    assert tags["og:type"] == "profile"
    assert tags["og:title"] == "Ana Lopes"
    assert tags["og:description"] == "Collections of links by Ana Lopes"


@pytest.mark.parametrize("name", ["home", "about", "collections:explore"])
def test_public_pages_have_sharing_metadata(client, name):
    assert {"og:title", "og:description", "og:type", "og:url", "og:image"} <= set(
        sharing_metadata(client, reverse(name))
    )


def test_each_page_number_is_canonical(client, settings):
    settings.RESULTS_PER_PAGE = 1
    collection = CollectionFactory()
    ContentFactory.create_batch(2, collection=collection)
    address = settings.SITE_URL + collection.get_absolute_url()
    for query, expected in (("", address), ("?page=2", f"{address}?page=2")):
        page = page_of(client, collection.get_absolute_url() + query)
        assert f'<link rel="canonical" href="{expected}">' in re.sub(r"\s+", " ", page)


def test_private_page_has_no_sharing_metadata(signed_in):
    assert "og:title" not in page_of(signed_in(UserFactory()), "/")


def test_theme_script_comes_before_stylesheets(client):
    head = page_of(client, "/").split("</head>")[0]
    script = head.index("js/theme.js")
    assert script < head.index('rel="stylesheet"')
    assert "defer" not in head[:script].rsplit("<script", 1)[1]


def test_server_error_page_finds_its_files():
    page = render_to_string("500.html")
    files = STATIC_FILE.findall(page)
    assert len(files) >= 4
    assert all(finders.find(name) for name in files)


def test_message_closes_without_javascript(signed_in):
    client = signed_in(UserFactory(name="Ana"))
    page = client.post(
        reverse("accounts:edit_profile"), {"name": "Ana", "about": ""}, follow=True
    ).content.decode()
    message = re.search(r"<dialog.*?</dialog>", page, re.S)[0]
    assert "Your profile has been updated." in message
    assert 'method="dialog"' in message


def test_tint_is_always_the_same():
    assert tint(8) == tint("8") == "tint-2"
    assert tint("example.org") == tint("example.org")
    hosts = {tint(f"{number}.example.org") for number in range(50)}
    assert hosts == {f"tint-{number}" for number in range(6)}


EMPTY = [
    "/",
    "/notifications/",
    "/messages/",
    "/messages/sent/",
    "/users/ana/",
    "/users/ana/activity/",
    "/users/ana/followers/",
    "/users/ana/following/",
    "/users/ana/following/collections/",
    "/users/",
    "/collections/",
    "/settings/blocks/",
    "/settings/reports/",
    "/settings/hidden/",
]


@pytest.mark.parametrize("address", EMPTY)
def test_empty_list_has_text_and_button(signed_in, address, deliver):
    client = signed_in(UserFactory(username="ana"))
    deliver()
    page = page_of(client, address)
    (empty,) = re.findall(r'<div class="empty">.*?</div>\s*<p>(.*?)</div>', page, re.S)
    assert "here" in empty
    assert empty.count("<a ") == 1
    assert "btn-primary" in empty


def test_empty_collection_lets_author_add(signed_in):
    collection = CollectionFactory()
    for reader in (collection.author, UserFactory()):
        page = page_of(signed_in(reader), collection.get_absolute_url())
        assert page.count('class="empty"') == 1
        filling = f"?collection={collection.pk}" in page.split('class="empty"')[1]
        assert filling is (reader == collection.author)


def test_shared_pages_introduce_the_site(client, signed_in):
    collection = ContentFactory().collection
    for target in (collection, collection.author):
        assert "is a place for public collections" in page_of(client, target.get_absolute_url())
    page = page_of(signed_in(UserFactory()), collection.get_absolute_url())
    assert "is a place for public collections" not in page

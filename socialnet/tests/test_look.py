"""What pages look like, as far as their markup says it."""

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
STATIC = re.compile(r'"/static/([^"]+)"')


def page_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def social(client, address):
    return dict(META.findall(page_of(client, address)))


def test_a_collection_can_be_shared(client, settings):
    collection = CollectionFactory(name='"Type" & <b>', description="Letters.")
    tags = social(client, collection.get_absolute_url())
    assert tags["og:title"] == "&quot;Type&quot; &amp; &lt;b&gt;"
    assert tags["og:description"] == "Letters."
    assert tags["og:url"] == settings.SITE_URL + collection.get_absolute_url()
    assert tags["og:image"].startswith(f"{settings.SITE_URL}/static/images/share")


def test_a_profile_can_be_shared(client):
    ana = UserFactory(name="Ana Lopes", about="")
    tags = social(client, ana.get_absolute_url())
    assert tags["og:type"] == "profile"
    assert tags["og:title"] == "Ana Lopes"
    assert tags["og:description"] == "Collections of links by Ana Lopes"


@pytest.mark.parametrize("name", ["home", "about", "collections:explore"])
def test_what_visitors_find_can_be_shared(client, name):
    assert {"og:title", "og:description", "og:type", "og:url", "og:image"} <= set(
        social(client, reverse(name))
    )


def test_each_numbered_page_is_its_own_canonical_one(client, settings):
    settings.RESULTS_PER_PAGE = 1
    collection = CollectionFactory()
    ContentFactory.create_batch(2, collection=collection)
    address = settings.SITE_URL + collection.get_absolute_url()
    for query, expected in (("", address), ("?page=2", f"{address}?page=2")):
        page = page_of(client, collection.get_absolute_url() + query)
        assert f'<link rel="canonical" href="{expected}">' in re.sub(r"\s+", " ", page)


def test_what_is_ones_own_is_not_for_sharing(signed_in):
    assert "og:title" not in page_of(signed_in(UserFactory()), "/")


def test_the_theme_is_chosen_before_anything_is_painted(client):
    head = page_of(client, "/").split("</head>")[0]
    script = head.index("js/theme.js")
    assert script < head.index('rel="stylesheet"')
    assert "defer" not in head[:script].rsplit("<script", 1)[1]


def test_the_page_of_our_errors_needs_nothing_and_finds_its_files():
    page = render_to_string("500.html")
    files = STATIC.findall(page)
    assert len(files) >= 4
    assert all(finders.find(name) for name in files)


def test_a_message_can_be_closed_without_scripts(signed_in):
    client = signed_in(UserFactory(name="Ana"))
    page = client.post(
        reverse("accounts:edit_profile"), {"name": "Ana", "about": ""}, follow=True
    ).content.decode()
    message = re.search(r"<dialog.*?</dialog>", page, re.S)[0]
    assert "Your profile has been updated." in message
    assert 'method="dialog"' in message


def test_a_tint_stays_with_its_thing():
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
def test_an_empty_list_says_what_will_be_here_and_has_one_button(signed_in, address, deliver):
    client = signed_in(UserFactory(username="ana"))
    deliver()
    page = page_of(client, address)
    (empty,) = re.findall(r'<div class="empty">.*?</div>\s*<p>(.*?)</div>', page, re.S)
    assert "here" in empty
    assert empty.count("<a ") == 1
    assert "btn-primary" in empty


def test_an_empty_collection_offers_its_author_to_fill_it(signed_in):
    collection = CollectionFactory()
    for reader in (collection.author, UserFactory()):
        page = page_of(signed_in(reader), collection.get_absolute_url())
        assert page.count('class="empty"') == 1
        filling = f"?collection={collection.pk}" in page.split('class="empty"')[1]
        assert filling is (reader == collection.author)


def test_who_comes_by_a_link_learns_what_the_site_is_for(client, signed_in):
    collection = ContentFactory().collection
    for target in (collection, collection.author):
        assert "is a place for public collections" in page_of(client, target.get_absolute_url())
    page = page_of(signed_in(UserFactory()), collection.get_absolute_url())
    assert "is a place for public collections" not in page

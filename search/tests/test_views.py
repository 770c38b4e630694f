import re

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import UserFactory
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from search.finding import MOST_FOUND
from search.models import CollectionEntry, LinkEntry, PersonEntry

pytestmark = pytest.mark.django_db

TITLES = re.compile(r'<h3 class="h6 mb-1">\s*<a [^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture
def search(client):
    """Return a function that searches and returns the answer."""
    return lambda text="", **more: client.get("/search/", {"q": text, **more})


@pytest.fixture
def link():
    author = UserFactory(username="ana", name="Ana Needle", about="Sews.")
    collection = CollectionFactory(author=author, name="Needles", description="Of all sizes.")
    return ContentFactory(
        collection=collection, title="A needle & thread", url="https://sew.example/needle"
    )


def page(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def titles(answer):
    return [re.sub(r"</?mark>", "", title) for title in TITLES.findall(page(answer))]


def test_all_kinds_are_shown_with_their_numbers(search, link):
    shown = page(search("needle"))
    for text in (
        "<mark>Needle</mark>",
        "<mark>Needles</mark>",
        "A <mark>needle</mark> &amp; thread",
    ):
        assert text in shown
    for kind, label in (("people", "People"), ("collections", "Collections"), ("links", "Links")):
        assert f'href="?q=needle&amp;kind={kind}">{label} <span' in shown
        assert f"{label}: all 1" in shown


def test_the_kind_with_the_best_hit_comes_first(search, link):
    UserFactory(name="Sizes")
    CollectionFactory(name="Sews")
    for text, first, second in (
        ("sizes", "people", "collections"),
        ("sews", "collections", "people"),
    ):
        shown = page(search(text))
        assert shown.index(f'id="found-{first}"') < shown.index(f'id="found-{second}"')


def test_one_kind_is_shown_alone(search, link):
    shown = page(search("needle", kind="links"))
    assert 'id="found-links"' in shown
    assert 'id="found-people"' not in shown
    assert '<input type="hidden" name="kind" value="links">' in shown


def test_a_kind_that_does_not_exist_is_all(search, link):
    assert "Links: all 1" in page(search("needle", kind="planets"))


def test_results_are_paged_and_each_is_there_once(search, link, settings):
    settings.RESULTS_PER_PAGE = 2
    more = [ContentFactory(collection=link.collection, title=f"Needle {n}").title for n in range(4)]
    shown = [
        title
        for number in (1, 2, 3)
        for title in titles(search("needle", kind="links", page=number))
    ]
    assert shown == [*reversed(more), "A needle &amp; thread"]


@pytest.mark.parametrize("number", ["0", "-1", "2", "x", "9" * 30])
def test_a_page_that_does_not_exist_is_not_found(search, link, number):
    assert search("needle", kind="links", page=number).status_code == 404


def test_the_last_of_very_many_says_that_there_may_be_more(search, link):
    ContentFactory.create_batch(MOST_FOUND, collection=link.collection, title="Needle")
    assert f"These are the first {MOST_FOUND}" not in page(search("needle", kind="links"))
    shown = page(search("needle", kind="links", page=MOST_FOUND // 15))
    assert f"These are the first {MOST_FOUND}" in shown
    assert f"{MOST_FOUND}+" in shown


class TestWithoutResults:
    @pytest.mark.parametrize("text", ["", "   "])
    def test_an_empty_search_shows_the_form_and_hints(self, search, text):
        shown = page(search(text))
        assert 'role="search"' in shown
        assert "People are found by their names" in shown
        assert "found-" not in shown

    @pytest.mark.parametrize("text", ["?!", "\x00", "👍", '"*"', "-"])
    def test_signs_alone_are_said_to_be_too_little(self, search, text):
        assert "Type at least one letter or digit" in page(search(text))

    def test_it_says_so_and_what_to_try(self, search, link):
        assert "Nothing was found." in page(search("haystack"))
        assert "All words must be there" in page(search("needle haystack"))
        assert "Nobody was found." in page(search("haystack", kind="people"))

    def test_what_is_too_long_is_cut_and_said_to_be(self, search, link):
        shown = page(search("needle " * 2000))
        assert "Only the first word was looked for." in shown
        assert "Links: all 1" in shown


@pytest.mark.parametrize(
    "text", ['needle" OR "x', "NEAR(needle", "needle*", "a' --", "%s {0}", "\\"]
)
def test_no_text_is_an_error(search, link, text):
    for kind in ("", "people", "collections", "links"):
        page(search(text, kind=kind))


def test_what_people_wrote_is_escaped(search, link):
    Content.objects.filter(pk=link.pk).update(description="<script>needle</script>")
    shown = page(search('needle <script>"'))
    assert "Nothing was found" in shown
    shown += page(search("needle"))
    assert "<script>needle" not in shown
    assert "&lt;script&gt;<mark>needle</mark>" in shown
    assert 'value="needle &lt;script&gt;&quot;"' in shown


def test_an_index_that_lags_behind_shows_nothing_that_is_gone(search, link):
    for model in (PersonEntry, CollectionEntry, LinkEntry):
        assert model.objects.count() == 1
    Content.objects.filter(pk=link.pk).update(hidden_at=link.created_at)
    User.objects.filter(pk=link.author.pk).update(is_active=False)
    assert "Nothing was found." in page(search("needle"))


def test_members_can_follow_from_the_results(signed_in, link):
    client = signed_in(UserFactory())
    for kind in ("", "people", "collections"):
        shown = page(client.get("/search/", {"q": "needle", "kind": kind}))
        assert re.search(r'action="/(users/ana|collections/\d+)/follow/"', shown), kind


def test_someone_who_follows_the_reader_is_said_to(signed_in, link):
    reader = UserFactory()
    signed_in(link.author).post(f"/users/{reader.username}/follow/")
    assert "Follows you" in page(signed_in(reader).get("/search/?q=needle"))


@pytest.mark.parametrize("kind", ["", "people", "collections", "links"])
def test_a_page_takes_the_same_queries_at_1_and_at_20_rows(signed_in, link, queries_of, kind):
    client, address = signed_in(UserFactory()), f"/search/?q=needle&kind={kind}"
    before = queries_of(client, address)
    for number in range(20):
        author = UserFactory(name=f"Needle {number}")
        ContentFactory(collection__author=author, collection__name="Needle", title="Needle")
    assert queries_of(client, address) == before <= 16


def test_links_that_were_found_can_be_saved(client, signed_in, link):
    page = signed_in(UserFactory()).get("/search/?q=needle").text
    save = f"{reverse('collections:add_link')}?from={link.pk}"
    assert save in page
    client.logout()
    assert save not in client.get("/search/?q=needle").text


def test_too_many_searches_of_one_address_are_answered_with_429(search, link, settings):
    settings.SEARCHES_PER_MINUTE = 2
    assert [search("needle").status_code for _ in range(3)] == [200, 200, 429]
    assert search("needle")["Retry-After"]
    page(search(""))  # looking at the form is no search


def test_each_person_is_counted_by_themselves(signed_in, link, settings):
    settings.SEARCHES_PER_MINUTE = 1
    for person in UserFactory.create_batch(2):
        page(signed_in(person).get("/search/?q=needle"))
    assert signed_in(person).get("/search/?q=needle").status_code == 429


def test_visitors_behind_a_proxy_are_counted_by_their_own_address(client, link, settings):
    settings.SEARCHES_PER_MINUTE = 1
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for address in ("203.0.113.1", "203.0.113.2"):
        answer = client.get("/search/?q=needle", headers={"X-Forwarded-For": f"9.9.9.9, {address}"})
        page(answer)
    assert (
        client.get(
            "/search/?q=needle", headers={"X-Forwarded-For": "8.8.8.8, 203.0.113.1"}
        ).status_code
        == 429
    )


@pytest.mark.parametrize(("method", "status"), [("head", 200), ("post", 405), ("delete", 405)])
def test_it_is_only_read(client, link, method, status):
    assert getattr(client, method)("/search/?q=needle").status_code == status


def test_every_page_has_a_box_that_leads_here_but_this_one(client):
    address = reverse("search:search")
    assert f'action="{address}"' in page(client.get("/"))
    assert page(client.get(address)).count('role="search"') == 1


def test_machines_are_kept_out(client):
    assert "Disallow: /search/" in client.get("/robots.txt").content.decode()
    assert '<meta name="robots" content="noindex">' in page(client.get("/search/?q=a"))

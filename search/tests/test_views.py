import re

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import UserFactory
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from search.finding import MAX_RESULTS
from search.models import CollectionEntry, LinkEntry, PersonEntry

pytestmark = pytest.mark.django_db

TITLES = re.compile(r'<h3 class="h6 mb-1">\s*<a [^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture
def search(client):
    """Return a function that searches and returns the response."""
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


def test_type_with_best_hit_comes_first(search, link):
    UserFactory(name="Sizes")
    CollectionFactory(name="Sews")
    for text, first, second in (
        ("sizes", "people", "collections"),
        ("sews", "collections", "people"),
    ):
        shown = page(search(text))
        assert shown.index(f'id="found-{first}"') < shown.index(f'id="found-{second}"')


def test_one_type_is_shown_alone(search, link):
    shown = page(search("needle", kind="links"))
    assert 'id="found-links"' in shown
    assert 'id="found-people"' not in shown
    assert '<input type="hidden" name="kind" value="links">' in shown


def test_unknown_type_shows_all(search, link):
    assert "Links: all 1" in page(search("needle", kind="planets"))


def test_pages_list_each_result_once(search, link, settings):
    settings.RESULTS_PER_PAGE = 2
    more = [ContentFactory(collection=link.collection, title=f"Needle {n}").title for n in range(4)]
    shown = [
        title
        for number in (1, 2, 3)
        for title in titles(search("needle", kind="links", page=number))
    ]
    assert shown == [*reversed(more), "A needle &amp; thread"]


@pytest.mark.parametrize("number", ["0", "-1", "2", "x", "9" * 30])
def test_unknown_page_is_404(search, link, number):
    assert search("needle", kind="links", page=number).status_code == 404


@pytest.mark.slow
def test_last_page_mentions_result_limit(search, link):
    ContentFactory.create_batch(MAX_RESULTS, collection=link.collection, title="Needle")
    assert f"These are the first {MAX_RESULTS}" not in page(search("needle", kind="links"))
    shown = page(search("needle", kind="links", page=MAX_RESULTS // 15))
    assert f"These are the first {MAX_RESULTS}" in shown
    assert f"{MAX_RESULTS}+" in shown


class TestWithoutResults:
    @pytest.mark.parametrize("text", ["", "   "])
    def test_empty_search_shows_hints(self, search, text):
        shown = page(search(text))
        assert 'role="search"' in shown
        assert "People are found by their names" in shown
        assert "found-" not in shown

    @pytest.mark.parametrize("text", ["?!", "\x00", "👍", '"*"', "-"])
    def test_signs_alone_are_too_little(self, search, text):
        assert "Type at least one letter or digit" in page(search(text))

    def test_empty_result_shows_hints(self, search, link):
        assert "Nothing was found." in page(search("haystack"))
        assert "All words must be there" in page(search("needle haystack"))
        assert "Nobody was found." in page(search("haystack", kind="people"))

    def test_long_query_is_cut_with_notice(self, search, link):
        shown = page(search("needle " * 2000))
        assert "Only the first word was looked for." in shown
        assert "Links: all 1" in shown


@pytest.mark.parametrize(
    "text", ['needle" OR "x', "NEAR(needle", "needle*", "a' --", "%s {0}", "\\"]
)
def test_no_text_is_an_error(search, link, text):
    for kind in ("", "people", "collections", "links"):
        page(search(text, kind=kind))


def test_results_are_escaped(search, link):
    Content.objects.filter(pk=link.pk).update(description="<script>needle</script>")
    shown = page(search('needle <script>"'))
    assert "Nothing was found" in shown
    shown += page(search("needle"))
    assert "<script>needle" not in shown
    assert "&lt;script&gt;<mark>needle</mark>" in shown
    assert 'value="needle &lt;script&gt;&quot;"' in shown


def test_stale_index_shows_no_deleted_rows(search, link):
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


def test_follower_of_reader_is_marked(signed_in, link):
    reader = UserFactory()
    signed_in(link.author).post(f"/users/{reader.username}/follow/")
    assert "Follows you" in page(signed_in(reader).get("/search/?q=needle"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["", "people", "collections", "links"])
def test_search_query_count_is_constant(signed_in, link, queries_of, kind):
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


def test_search_limit_per_address(search, link, settings):
    settings.SEARCHES_PER_MINUTE = 2
    assert [search("needle").status_code for _ in range(3)] == [200, 200, 429]
    assert search("needle")["Retry-After"]
    page(search(""))  # showing the form is not counted


def test_each_person_is_counted_by_themselves(signed_in, link, settings):
    settings.SEARCHES_PER_MINUTE = 1
    for person in UserFactory.create_batch(2):
        page(signed_in(person).get("/search/?q=needle"))
    assert signed_in(person).get("/search/?q=needle").status_code == 429


def test_visitor_limit_uses_forwarded_address(client, link, settings):
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
def test_search_is_read_only(client, link, method, status):
    assert getattr(client, method)("/search/?q=needle").status_code == status


def test_every_other_page_has_search_box(client):
    address = reverse("search:search")
    assert f'action="{address}"' in page(client.get("/"))
    assert page(client.get(address)).count('role="search"') == 1


def test_machines_are_kept_out(client):
    assert "Disallow: /search/" in client.get("/robots.txt").content.decode()
    assert '<meta name="robots" content="noindex">' in page(client.get("/search/?q=a"))

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UnconfirmedUserFactory
from collections_app.forms import AddLinkForm
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory

pytestmark = pytest.mark.django_db

ADD = reverse("collections:add_link")


@pytest.fixture
def typed(collection):
    return {
        "collection": collection.pk,
        "url": "https://docs.python.org/3/",
        "title": "Kept title",
        "description": "Kept words.",
    }


def url_of(name, link):
    return reverse(f"collections:{name}_link", args=[link.pk])


def test_link_is_added_to_own_collection(signed_in, ana, collection, typed):
    assert signed_in(ana).get(ADD).status_code == 200
    page = signed_in(ana).post(ADD, typed, follow=True)
    assert page.redirect_chain == [(collection.get_absolute_url(), 302)]
    assert [str(message) for message in page.context["messages"]] == ["Your link has been added."]
    link = Content.objects.get()
    assert (link.collection, link.url, link.title) == (collection, typed["url"], "Kept title")


def test_collection_in_query_string_is_preselected(signed_in, ana, collection):
    page = signed_in(ana).get(ADD, {"collection": collection.pk}).text
    assert f'<option value="{collection.pk}" selected>' in page
    assert signed_in(ana).get(ADD, {"collection": "nonsense"}).status_code == 200


def test_only_own_visible_collections_can_be_chosen(signed_in, ana, collection, typed):
    CollectionFactory(name="Of somebody else")
    hidden = CollectionFactory(author=ana, name="Hidden one", hidden_at=timezone.now())
    page = signed_in(ana).get(ADD).text
    assert "Of somebody else" not in page
    assert "Hidden one" not in page
    for pk in (CollectionFactory().pk, hidden.pk, 999, "x", ""):
        page = signed_in(ana).post(ADD, {**typed, "collection": pk})
        assert page.status_code == 422
        assert list(page.context["form"].errors) == ["collection"]
        assert "Kept title" in page.text
    assert not Content.objects.exists()


def test_without_collection_form_asks_for_one(signed_in, ben):
    page = signed_in(ben).get(ADD)
    assert "Make one first" in page.text
    assert reverse("collections:create") in page.text
    assert signed_in(ben).post(ADD, {"url": "https://a.org", "title": "A"}).status_code == 422


def test_adding_needs_login_and_a_confirmed_address(client, signed_in, typed):
    assert client.get(ADD).url.startswith(reverse("account_login"))
    assert client.post(ADD, typed).url.startswith(reverse("account_login"))
    response = signed_in(UnconfirmedUserFactory()).post(ADD, typed)
    assert response.status_code == 403
    assert "Confirm your e-mail address first" in response.text
    assert not Content.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""),
        ("url", "javascript:alert(1)"),
        ("url", "data:text/html,hello"),
        ("url", "ftp://python.org/"),
        ("url", "https://ana:secret@python.org/"),
        ("url", "https://python.org:99999/"),
        ("url", "https://[::1/"),
        ("url", "https://" + "a" * 70 + ".org"),
        ("url", "https://python.org/" + "x" * 2048),
        ("url", "https://python.org/\x00"),
        ("url", "//"),
        ("title", ""),
        ("title", "x" * 129),
        ("description", "x" * 257),
    ],
)
def test_bad_input_is_kept_with_reason(signed_in, ana, typed, field, value):
    typed[field] = value
    page = signed_in(ana).post(ADD, typed)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"].data["title"] == typed["title"]
    assert ("Kept title" in page.text) or ("Kept words." in page.text)
    assert not Content.objects.exists()


def test_an_address_without_a_scheme_gets_one(signed_in, ana, typed):
    signed_in(ana).post(ADD, {**typed, "url": "www.python.org/about"})
    assert Content.objects.get().url == "https://www.python.org/about"


def test_duplicate_in_other_spelling_is_refused(signed_in, ana, link, typed):
    page = signed_in(ana).post(ADD, {**typed, "url": "HTTPS://WWW.python.org:443"})
    assert page.status_code == 422
    assert page.context["form"].errors["url"] == ["That link is already in this collection."]
    assert "Kept title" in page.text
    assert Content.objects.count() == 1


def test_duplicate_added_after_validation_is_refused(ana, collection, typed):
    form = AddLinkForm(typed, by=ana)
    assert form.is_valid()
    ContentFactory(collection=collection, url=typed["url"])
    with pytest.raises(Exception, match="already in this collection"):
        form.save()


def test_link_limit_answers_429_with_texts(signed_in, ana, ben, typed, settings):
    settings.LINKS_PER_HOUR = 2
    for number in range(2):
        response = signed_in(ana).post(ADD, {**typed, "url": f"https://a.org/{number}"})
        assert response.status_code == 302
    page = signed_in(ana).post(ADD, typed)
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 3600
    assert "Kept title" in page.text
    assert "Try again in" in page.text
    assert Content.objects.count() == 2
    other = CollectionFactory(author=ben)
    assert signed_in(ben).post(ADD, {**typed, "collection": other.pk}).status_code == 302


def test_refused_link_counts_against_no_limit(signed_in, ana, typed, settings):
    settings.LINKS_PER_HOUR = 1
    signed_in(ana).post(ADD, {**typed, "url": "javascript:a()"})
    assert signed_in(ana).post(ADD, typed).status_code == 302


@pytest.mark.slow
def test_add_form_query_count_is_constant(signed_in, ana, collection, queries_of):
    client = signed_in(ana)
    one = queries_of(client, ADD)
    for _number in range(100):
        CollectionFactory(author=ana)
    assert queries_of(client, ADD) == one <= 16


# Edit


def test_the_author_edits_a_link(signed_in, ana, link):
    form = signed_in(ana).get(url_of("edit", link)).context["form"]
    assert form.initial["url"] == link.url
    assert set(form.fields) == {"url", "title", "description", "picture", "without_picture"}
    texts = {"url": "https://pypi.org/", "title": "PyPI", "description": ""}
    response = signed_in(ana).post(url_of("edit", link), texts)
    assert response.url == link.collection.get_absolute_url()
    edited = Content.objects.get()
    assert (edited.url, edited.title, edited.description) == ("https://pypi.org/", "PyPI", "")
    assert not LogEntry.objects.exists()


def test_moderator_edits_link_with_logged_reason(signed_in, moderator, link):
    texts = {"url": link.url, "title": "Plain title", "description": ""}
    assert signed_in(moderator).post(url_of("edit", link), texts).status_code == 422
    signed_in(moderator).post(url_of("edit", link), {**texts, "reason": "Shouted."})
    assert Content.objects.get().title == "Plain title"
    assert LogEntry.objects.get().change_message == "Edited: Shouted."


def test_a_link_stays_in_its_collection(signed_in, ana, link):
    other = CollectionFactory(author=ana)
    texts = {"url": link.url, "title": "A", "description": "", "collection": other.pk}
    signed_in(ana).post(url_of("edit", link), texts)
    assert Content.objects.get().collection == link.collection


def test_bad_edit_changes_nothing(signed_in, ana, link):
    other = ContentFactory(collection=link.collection)
    for url in ("javascript:alert(1)", "", other.url):
        texts = {"url": url, "title": "Kept title", "description": ""}
        page = signed_in(ana).post(url_of("edit", link), texts)
        assert page.status_code == 422
        assert list(page.context["form"].errors) == ["url"]
        assert "Kept title" in page.text
    link.refresh_from_db()
    assert link.title == "Python"


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_only_author_changes_link(client, signed_in, ben, link, name):
    url, texts = url_of(name, link), {"url": "https://a.org/", "title": "A"}
    assert client.get(url).url.startswith(reverse("account_login"))
    assert client.post(url, texts).url.startswith(reverse("account_login"))
    for response in (signed_in(ben).get(url), signed_in(ben).post(url, texts)):
        assert response.status_code == 403
        assert "Only its author or a moderator may change this." in response.text
    assert Content.objects.get().title == "Python"
    Content.objects.update(hidden_at=timezone.now())
    assert signed_in(ben).post(url, texts).status_code == 404
    assert signed_in(ben).get(reverse(f"collections:{name}_link", args=[999])).status_code == 404


# Delete


def test_deleting_a_link_asks_first(signed_in, ana, link):
    page = signed_in(ana).get(url_of("delete", link))
    assert "“Python” (python.org) will be gone from “Typography”" in page.text
    assert Content.objects.exists()
    response = signed_in(ana).post(url_of("delete", link))
    assert response.url == link.collection.get_absolute_url()
    assert not Content.objects.exists()


def test_moderator_deletes_link_with_logged_reason(signed_in, moderator, link):
    assert signed_in(moderator).post(url_of("delete", link)).status_code == 422
    signed_in(moderator).post(url_of("delete", link), {"reason": "Spam."})
    assert not Content.objects.exists()
    assert LogEntry.objects.get().change_message == "Deleted: Spam."

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.tests.factories import SuspendedUserFactory, UnconfirmedUserFactory, UserFactory
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory

pytestmark = pytest.mark.django_db

EXPLORE = reverse("collections:explore")
CREATE = reverse("collections:create")
TEXTS = {"name": "Maps", "description": "Old ones."}


def url_of(name, collection):
    return reverse(f"collections:{name}", args=[collection.pk])


def hide(target, reason="Sells watches."):
    type(target).objects.filter(pk=target.pk).update(hidden_at=timezone.now(), hidden_reason=reason)


def message_texts(response):
    return [str(message) for message in response.context["messages"]]


# Explore


def test_everyone_can_explore(client, link):
    page = client.get(EXPLORE)
    assert page.status_code == 200
    for text in (link.collection.name, "Ana Lopes", link.title, "python.org", "1 link"):
        assert text in page.text


def test_explore_offers_three_orders_as_links(client):
    now = timezone.now()
    old = CollectionFactory(created_at=now - timedelta(days=2), last_added_at=now, follower_count=9)
    new = CollectionFactory(created_at=now, last_added_at=now - timedelta(days=1))
    for sort, expected in [
        ("", [new, old]),
        ("newest", [new, old]),
        ("followed", [old, new]),
        ("active", [old, new]),
        ("nonsense", [new, old]),
    ]:
        page = client.get(EXPLORE, {"sort": sort})
        assert list(page.context["collections"]) == expected
    assert 'href="?sort=followed"' in page.text


def test_explore_shows_only_visible_collections(client, ana, signed_in):
    CollectionFactory(author=ana, name="Gone", hidden_at=timezone.now())
    CollectionFactory(author=SuspendedUserFactory(), name="Shut out")
    page = signed_in(ana).get(EXPLORE)
    assert list(page.context["collections"]) == []
    assert "Make the first collection" in page.text


@pytest.mark.parametrize("sort", ["newest", "followed", "active"])
def test_explore_respects_blocks(client, ana, ben, signed_in, sort):
    collections = [CollectionFactory(author=person) for person in (ana, ben)]
    services.block(blocker=ana, blocked=ben)
    assert len(client.get(EXPLORE, {"sort": sort}).context["collections"]) == 2
    for person, own in zip((ana, ben), collections, strict=True):
        shown = signed_in(person).get(EXPLORE, {"sort": sort}).context["collections"]
        assert list(shown) == [own]


def test_explore_pages_keep_sort_order(client, settings):
    settings.RESULTS_PER_PAGE = 2
    for _number in range(5):
        CollectionFactory()
    page = client.get(EXPLORE, {"sort": "active", "page": 2})
    assert len(page.context["collections"]) == 2
    assert "sort=active&amp;page=3" in page.text or "page=3&amp;sort=active" in page.text
    assert client.get(EXPLORE, {"page": 4}).status_code == 404
    assert client.get(EXPLORE, {"page": "x"}).status_code == 404


@pytest.mark.slow
def test_explore_query_count_is_constant(signed_in, ben, queries_of, settings):
    settings.RESULTS_PER_PAGE = 100
    client = signed_in(ben)
    ContentFactory()
    one = queries_of(client, EXPLORE)
    for _number in range(99):
        ContentFactory()
    assert queries_of(client, EXPLORE) == one <= 16


def test_links_on_card_can_be_saved(client, signed_in, ben, link):
    save = f"{reverse('collections:add_link')}?from={link.pk}"
    for page in (EXPLORE, link.author.get_absolute_url()):
        assert save in signed_in(ben).get(page).text
        client.logout()
        assert save not in client.get(page).text


def test_links_on_hidden_card_cannot_be_saved(signed_in, ana, link):
    hide(link.collection)
    page = signed_in(ana).get(ana.get_absolute_url()).text
    assert link.title in page
    assert "?from=" not in page


# One collection


def test_everyone_can_read_a_collection(client, link):
    page = client.get(link.collection.get_absolute_url())
    assert page.status_code == 200
    assert f'href="{link.url}" rel="ugc nofollow noopener"' in page.text
    assert "python.org" in page.text
    assert "Edit" not in page.text


def test_author_sees_own_actions(signed_in, ana, link):
    page = signed_in(ana).get(link.collection.get_absolute_url()).text
    for name in ("edit", "delete"):
        assert url_of(name, link.collection) in page
        assert reverse(f"collections:{name}_link", args=[link.pk]) in page
    assert f"{reverse('collections:add_link')}?collection={link.collection_id}" in page
    assert url_of("hide", link.collection) not in page


def test_a_moderator_is_also_offered_to_hide(signed_in, moderator, link):
    page = signed_in(moderator).get(link.collection.get_absolute_url()).text
    assert url_of("edit", link.collection) in page
    assert url_of("hide", link.collection) in page
    assert reverse("collections:hide_link", args=[link.pk]) in page
    assert reverse("collections:add_link") + "?collection" not in page


def test_empty_collection_page(signed_in, ana, collection, client):
    assert "will be here" in client.get(collection.get_absolute_url()).text
    assert "Add the first link" in signed_in(ana).get(collection.get_absolute_url()).text


def test_an_unknown_collection_is_404(client):
    for pk in (0, 999, 10**30):
        assert client.get(reverse("collections:detail", args=[pk])).status_code == 404


def test_hidden_collection_404_except_author_and_moderators(
    client, signed_in, ana, ben, moderator, link
):
    hide(link.collection)
    for name in ("detail", "activity"):
        url = url_of(name, link.collection)
        client.logout()
        assert client.get(url).status_code == 404
        assert signed_in(ben).get(url).status_code == 404
        for person in (ana, moderator):
            page = signed_in(person).get(url)
            assert page.status_code == 200
            assert "Sells watches." in page.text


def test_suspended_authors_collection_only_for_moderators(client, signed_in, ben, moderator):
    url = CollectionFactory(author=SuspendedUserFactory()).get_absolute_url()
    assert client.get(url).status_code == 404
    assert signed_in(ben).get(url).status_code == 404
    assert signed_in(moderator).get(url).status_code == 200


def test_hidden_links_show_reason_to_author_and_moderators(
    client, signed_in, ana, ben, moderator, link
):
    hide(link)
    url = link.collection.get_absolute_url()
    assert link.title not in client.get(url).text
    assert link.title not in signed_in(ben).get(url).text
    for person in (ana, moderator):
        page = signed_in(person).get(url).text
        assert link.title in page
        assert "Sells watches." in page


@pytest.mark.slow
def test_collection_page_query_count_is_constant(signed_in, moderator, link, queries_of, settings):
    settings.RESULTS_PER_PAGE = 100
    client, url = signed_in(moderator), link.collection.get_absolute_url()
    one = queries_of(client, url)
    for _number in range(99):
        ContentFactory(collection=link.collection)
    assert queries_of(client, url) == one <= 16


def test_links_have_numbered_pages(client, collection, settings):
    settings.RESULTS_PER_PAGE = 2
    for _number in range(3):
        ContentFactory(collection=collection)
    url = collection.get_absolute_url()
    assert len(client.get(url, {"page": 2}).context["links"]) == 1
    assert client.get(url, {"page": 3}).status_code == 404


def test_texts_of_people_are_escaped(client, collection):
    Collection.objects.update(name="<b>bold</b>", description="<script>")
    page = client.get(collection.get_absolute_url()).text
    assert "<b>bold" not in page
    assert "<script>" not in page.split("<main", 1)[1].split("</main", 1)[0]


# Create


def test_a_member_creates_a_collection(signed_in, ana):
    assert signed_in(ana).get(CREATE).status_code == 200
    page = signed_in(ana).post(CREATE, TEXTS, follow=True)
    collection = Collection.objects.get(author=ana)
    assert page.redirect_chain == [(collection.get_absolute_url(), 302)]
    assert message_texts(page) == ["Your collection has been created."]
    assert (collection.name, collection.description) == ("Maps", "Old ones.")


def test_creating_needs_login(client):
    for response in (client.get(CREATE), client.post(CREATE, TEXTS)):
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))
    assert not Collection.objects.exists()


def test_unconfirmed_person_sees_reason(signed_in):
    client = signed_in(UnconfirmedUserFactory())
    for response in (client.get(CREATE), client.post(CREATE, TEXTS)):
        assert response.status_code == 403
        assert "Confirm your e-mail address first" in response.text
    assert not Collection.objects.exists()


def test_lost_permission_shows_reason(signed_in, ana):
    ana.groups.clear()
    response = signed_in(ana).get(CREATE)
    assert response.status_code == 403
    assert "Your account may not add" in response.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 65),
        ("name", "a\x00b"),
        ("description", ""),
        ("description", "x" * 257),
    ],
)
def test_bad_texts_come_back_as_typed(signed_in, ana, field, value):
    typed = {"name": "Kept name", "description": "Kept words.", field: value}
    page = signed_in(ana).post(CREATE, typed)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert ("Kept name" in page.text) or ("Kept words." in page.text)
    assert not Collection.objects.exists()


def test_line_break_counts_as_one_character(signed_in, ana):
    description = "x" * 127 + "\r\n" + "y" * 128
    assert signed_in(ana).post(CREATE, {"name": "A", "description": description}).status_code == 302
    assert "\r" not in Collection.objects.get().description


# Edit


def test_the_author_edits_without_a_reason(signed_in, ana, collection):
    url = url_of("edit", collection)
    form = signed_in(ana).get(url).context["form"]
    assert form.initial["name"] == collection.name
    assert "reason" not in form.fields
    page = signed_in(ana).post(url, TEXTS, follow=True)
    assert message_texts(page) == ["The collection has been updated."]
    collection.refresh_from_db()
    assert collection.name == "Maps"
    assert not LogEntry.objects.exists()


def test_moderator_edits_with_logged_reason(signed_in, moderator, collection):
    url = url_of("edit", collection)
    page = signed_in(moderator).post(url, TEXTS)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["reason"]
    signed_in(moderator).post(url, {**TEXTS, "reason": "Clearer."})
    collection.refresh_from_db()
    assert collection.name == "Maps"
    assert LogEntry.objects.get().change_message == "Edited: Clearer."


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_changing_needs_login_and_is_the_authors(client, signed_in, ben, collection, name):
    url = url_of(name, collection)
    assert client.get(url).url.startswith(reverse("account_login"))
    assert client.post(url, TEXTS).url.startswith(reverse("account_login"))
    for response in (signed_in(ben).get(url), signed_in(ben).post(url, TEXTS)):
        assert response.status_code == 403
        assert "Only its author or a moderator may change this." in response.text
    collection.refresh_from_db()
    assert collection.name == "Typography"
    hide(collection)
    assert signed_in(ben).post(url, TEXTS).status_code == 404
    assert signed_in(ben).get(reverse(f"collections:{name}", args=[999])).status_code == 404


def test_bad_edits_come_back_and_change_nothing(signed_in, ana, collection):
    page = signed_in(ana).post(
        url_of("edit", collection), {"name": "", "description": "Kept words."}
    )
    assert page.status_code == 422
    assert "Kept words." in page.text
    collection.refresh_from_db()
    assert collection.name == "Typography"


# Delete


def test_delete_confirmation_counts_links(signed_in, ana, link):
    ContentFactory(collection=link.collection)
    page = signed_in(ana).get(url_of("delete", link.collection))
    assert "“Typography” and 2 links in it" in page.text
    assert Collection.objects.exists()


def test_the_author_deletes(signed_in, ana, collection):
    page = signed_in(ana).post(url_of("delete", collection), follow=True)
    assert page.redirect_chain == [(ana.get_absolute_url(), 302)]
    assert message_texts(page) == ["The collection has been deleted."]
    assert not Collection.objects.exists()


def test_moderator_deletes_with_logged_reason(signed_in, moderator, collection):
    url = url_of("delete", collection)
    assert signed_in(moderator).post(url).status_code == 422
    assert Collection.objects.exists()
    signed_in(moderator).post(url, {"reason": "Spam."})
    assert not Collection.objects.exists()
    assert LogEntry.objects.get().change_message == "Deleted: Spam."


def test_form_lists_only_own_collections(signed_in, ana):
    CollectionFactory(author=UserFactory())
    page = signed_in(ana).get(reverse("collections:add_link"))
    assert "Make one first" in page.text


class TestTheWayToALink:
    @pytest.fixture
    def links(self, collection, settings):
        """Return five links, newest first, two of them added at the same time."""
        settings.RESULTS_PER_PAGE = 2
        links = ContentFactory.create_batch(5, collection=collection)
        Content.objects.filter(pk__in=[links[1].pk, links[2].pk]).update(
            created_at=links[2].created_at
        )
        return links[::-1]

    def test_link_parameter_redirects_to_its_page(self, client, links):
        for link in links:
            page = client.get(link.get_absolute_url(), follow=True)
            assert link in page.context["links"]
            assert page.redirect_chain[0][0].endswith(f"#link-{link.pk}")

    def test_hidden_links_do_not_shift_pages(self, client, signed_in, ana, links):
        links[0].hidden_at = links[1].hidden_at = links[0].created_at
        Content.objects.bulk_update(links[:2], ["hidden_at"])
        address = links[2].get_absolute_url()
        assert "?page=1#" in client.get(address).url
        assert "?page=2#" in signed_in(ana).get(address).url

    @pytest.mark.parametrize("key", ["0", "999999", "x", "-1", "²", "9" * 30, ""])
    def test_unknown_link_redirects_to_first_page(self, client, links, collection, key):
        page = client.get(f"{collection.get_absolute_url()}?link={key}", follow=True)
        assert page.status_code == 200
        assert page.context["page_obj"].number == 1

    def test_hidden_links_are_not_led_to(self, client, links):
        Content.objects.filter(pk=links[4].pk).update(hidden_at=timezone.now())
        answer = client.get(links[4].get_absolute_url())
        assert answer.url == links[4].collection.get_absolute_url()

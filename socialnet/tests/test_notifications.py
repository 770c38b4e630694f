import re

import pytest
from stream_django.client import stream_client

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory
from follows.models import CollectionFollow, Follow

pytestmark = pytest.mark.django_db

PAGE = "/notifications/"
JSON = {"accept": "application/json"}


@pytest.fixture
def ana():
    return UserFactory(username="ana", name="Ana Lopes")


@pytest.fixture
def told(ana, deliver):
    """Ana has two unseen groups: two people follow her, and one follows her collection."""
    collection = CollectionFactory(author=ana, name="Typography")
    for name in ("Ben Okafor", "Cleo Marsh"):
        Follow.objects.follow(UserFactory(name=name), ana)
    CollectionFollow.objects.follow(UserFactory(name="Dov Levi"), collection)
    deliver()


def counts(person):
    """Return how many groups are unseen and unread, as Stream says."""
    answer = stream_client.feed("notification", str(person.pk)).get()
    return answer["unseen"], answer["unread"]


def text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def ids(page):
    return [group.id for group in page.context["feed"].items]


def test_it_says_who_follows_whom_and_what(signed_in, ana, told):
    shown = text(signed_in(ana).get(PAGE))
    assert "Dov Levi follows Typography" in shown
    assert "Cleo Marsh and Ben Okafor follow you" in shown


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "P0 follows you"),
        (2, "P1 and P0 follow you"),
        (3, "P2 , P1 and 1 other follow you"),
        (12, "P11 , P10 and 10 others follow you"),
    ],
)
def test_a_headline_names_two_and_counts_the_rest(signed_in, ana, deliver, number, sentence):
    for position in range(number):
        Follow.objects.follow(UserFactory(name=f"P{position}"), ana)
    deliver()
    assert sentence in text(signed_in(ana).get(PAGE))


def test_showing_it_marks_all_seen_and_none_read(signed_in, ana, told, settings):
    settings.FEED_GROUPS_PAGE_SIZE = 1
    assert counts(ana) == (2, 2)
    page = signed_in(ana).get(PAGE)
    assert page.content.decode().count(">New</span>") > 0
    assert counts(ana) == (0, 2)


def test_what_was_seen_is_no_longer_new(signed_in, ana, told):
    client = signed_in(ana)
    first, second = (shown_groups(client.get(PAGE)) for _ in range(2))
    assert first.count(">New<") == 2
    assert second.count(">New<") == 0


def shown_groups(page):
    return page.content.decode().split("data-feed-list>")[1].split("<template")[0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.head(PAGE),
        lambda client: client.get(PAGE, headers={"sec-purpose": "prefetch"}),
        lambda client: client.get(PAGE, headers={"purpose": "prefetch"}),
    ],
)
def test_a_head_request_or_a_prefetch_marks_nothing(signed_in, ana, told, ask):
    assert ask(signed_in(ana)).status_code == 200
    assert counts(ana) == (2, 2)


def test_a_button_marks_one_group_read_and_comes_back(signed_in, ana, told):
    client = signed_in(ana)
    newest = ids(client.get(PAGE))[0]
    answer = client.post("/notifications/read/", {"group": newest}, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert counts(ana) == (0, 1)
    assert [group.is_read for group in answer.context["feed"].items] == [True, False, True]


def test_a_button_marks_all_read_and_is_gone_then(signed_in, ana, told):
    client = signed_in(ana)
    assert "/notifications/read/all/" in client.get(PAGE).content.decode()
    answer = client.post("/notifications/read/all/", follow=True)
    assert counts(ana) == (0, 0)
    assert "/notifications/read/all/" not in answer.content.decode()


def test_a_script_gets_an_empty_answer(signed_in, ana, told):
    client = signed_in(ana)
    newest = ids(client.get(PAGE))[0]
    for address, data in (("seen/", {}), ("read/", {"group": newest}), ("read/all/", {})):
        answer = client.post(f"{PAGE}{address}", data, headers=JSON)
        assert (answer.status_code, answer.content) == (204, b"")


def test_a_group_that_is_none_is_not_found(signed_in, ana, told):
    client = signed_in(ana)
    newest = ids(client.get(PAGE))[0]
    wrong = (newest.replace("-", ""), f"urn:uuid:{newest}", f"{newest}\x00", f"{newest},{newest}")
    client.logout()
    client = signed_in(ana)
    for group in ("", "x", "true", "1", "\x00", "'", *wrong):
        assert client.post(f"{PAGE}read/", {"group": group}).status_code == 404
    assert counts(ana) == (0, 2)


def test_who_signs_in_first_comes_to_the_page(client):
    for address in ("seen/", "read/", "read/all/"):
        assert client.post(f"{PAGE}{address}")["Location"].endswith("?next=/notifications/")
        assert client.get(f"{PAGE}{address}").status_code == 405


def test_a_group_whose_newest_follow_has_ended_is_still_marked(signed_in, ana, told, deliver):
    client = signed_in(ana)
    newest = next(g.id for g in client.get(PAGE).context["feed"].items if g.actor_count == 2)
    Follow.objects.unfollow(Follow.objects.explicit().latest("id").follower, ana)
    deliver()
    client.post("/notifications/read/", {"group": newest})
    assert counts(ana) == (0, 1)


def test_nobody_marks_what_is_somebody_elses(signed_in, ana, told):
    newest = stream_client.feed("notification", str(ana.pk)).get()["results"][0]["id"]
    client = signed_in(UserFactory())
    client.post(f"{PAGE}read/", {"group": newest})
    client.post(f"{PAGE}read/all/")
    assert counts(ana) == (2, 2)


def test_stream_out_of_reach_is_said_and_is_no_error(signed_in, ana, told, broken_stream):
    client = signed_in(ana)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "The feed cannot be read just now." in page.content.decode()
    assert client.post(f"{PAGE}read/all/", headers=JSON).status_code == 503
    answer = client.post(f"{PAGE}read/all/", follow=True)
    assert "could not be marked just now" in answer.content.decode()


def test_a_hosted_page_waits_for_nothing_and_leaves_marking_to_its_script(
    signed_in, ana, told, settings, broken_stream
):
    settings.FEEDS_TRANSPORT = None
    page = signed_in(ana).get(PAGE)
    assert page.context["feed"].deferred
    assert "data-mark-seen" in page.content.decode()
    broken_stream()
    assert counts(ana) == (2, 2)
    assert signed_in(ana).post(f"{PAGE}seen/", headers=JSON).status_code == 204
    assert counts(ana) == (0, 2)


def test_older_ones_are_reached_by_link(signed_in, ana, told, settings):
    settings.FEED_GROUPS_PAGE_SIZE = 1
    client, found, address = signed_in(ana), [], PAGE
    while address:
        page = client.get(address)
        found += ids(page)
        older = page.context["feed"].older
        address = f"{PAGE}?before={older}" if older else ""
    assert len(found) == len(set(found)) == 3  # Ana's own collection is one


def test_a_new_collection_of_someone_followed_is_there(signed_in, ana, deliver):
    ben = UserFactory(name="Ben Okafor")
    Follow.objects.follow(ana, ben)
    deliver()
    CollectionFactory.create_batch(3, author=ben)
    deliver()
    page = signed_in(ana).get(PAGE)
    assert "Ben Okafor made 3 collections" in text(page)


def test_it_takes_as_many_queries_for_many_groups(signed_in, ana, deliver, queries_of):
    def fill(number):
        for _ in range(number):
            CollectionFollow.objects.follow(UserFactory(), CollectionFactory(author=ana))
        deliver()

    client = signed_in(ana)
    fill(1)
    one = queries_of(client, PAGE)
    fill(12)
    assert queries_of(client, PAGE) == one <= 16

"""What a block does to the pages of the site, and that nobody learns who blocked whom."""

import re

import pytest

from accounts import services
from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.tests.factories import ContentFactory
from follows.models import CollectionFollow, Follow
from messaging.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

SENTENCE = "This person cannot be contacted."
# What is another one in every answer: tokens, and how many seconds ago something was.
CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|eyJ[\w-]+\.[\w-]+\.[\w-]+'
    r"|\b(?:now|(?:a|\d+)\sseconds? ago)\b"
)


@pytest.fixture
def ana(db):
    return UserFactory(username="ana", name="Ana Lopes")


@pytest.fixture
def ben(db):
    return UserFactory(username="ben", name="Ben Okafor")


def text_of(answer):
    return CHANGING.sub("", answer.content.decode())


def told(answer):
    return [str(message) for message in answer.wsgi_request._messages]


def test_blocking_from_the_page_ends_follows_both_ways(ana, ben, signed_in):
    collection = ContentFactory(collection__author=ana).collection
    Follow.objects.follow(ana, ben)
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, collection)
    signed_in(ana).post("/users/ben/block/")
    assert not Follow.objects.explicit().exists()
    assert not CollectionFollow.objects.explicit().exists()
    ana.refresh_from_db()
    collection.refresh_from_db()
    assert (ana.follower_count, collection.follower_count) == (0, 0)


class TestTheConversation:
    def test_it_offers_to_block_and_to_unblock(self, ana, ben, signed_in):
        MessageFactory(sender=ben, recipient=ana, body="Old words.")
        client, page = signed_in(ana), "/messages/with/ben/"
        assert "/users/ben/block/?next=/messages/with/ben/" in text_of(client.get(page))
        assert client.post("/users/ben/block/", {"next": page}).url == page
        shown = text_of(client.get(page))
        for text in ("Old words.", "You have blocked Ben Okafor.", "/users/ben/unblock/"):
            assert text in shown
        assert "<textarea" not in shown

    def test_from_an_empty_one_the_way_leads_to_the_profile(self, ana, ben, signed_in):
        page = text_of(signed_in(ana).get("/messages/with/ben/"))
        assert 'href="/users/ben/block/"' in page


class TestWhatNobodyLearns:
    pages = (
        "/",
        "/users/",
        "/users/ana/",
        "/users/ana/activity/",
        "/users/ana/followers/",
        "/users/ana/following/",
        "/users/ana/block/",
        "/users/cleo/followers/",
        "/collections/",
        "/search/?q=ana",
        "/messages/",
        "/messages/with/ana/",
        "/settings/blocks/",
        "/notifications/",
    )
    forms = (
        ("/users/ana/follow/", {}),
        ("/users/ana/unfollow/", {}),
        ("/users/ana/block/", {}),
        ("/messages/with/ana/", {"body": "Hello?"}),
    )

    @pytest.fixture
    def people(self, ana, ben):
        """Ana and Ben, who follow Cleo; Ana has written to Ben."""
        ContentFactory(collection__author=ana)
        cleo = UserFactory(username="cleo")
        for person in (ana, ben):
            Follow.objects.follow(person, cleo)
        MessageFactory(sender=ana, recipient=ben, read_at=ana.date_joined)
        return ana, ben

    def seen(self, client):
        """Return what each page and form answers, and what the person is told."""
        answers = [(page, client.get(page)) for page in self.pages]
        answers += [(page, client.post(page, data)) for page, data in self.forms]
        return {
            (number, page): (answer.status_code, text_of(answer), told(answer))
            for number, (page, answer) in enumerate(answers)
        }

    def test_who_blocked_somebody_sees_no_trace_of_being_blocked_back(self, people, signed_in):
        ana, ben = people
        client = signed_in(ben)
        services.block(blocker=ben, blocked=ana)
        before = self.seen(client)
        services.block(blocker=ana, blocked=ben)
        after = self.seen(client)
        for page, answer in before.items():
            assert after[page] == answer, page

    def test_unblocking_tells_nothing_of_the_other_block(self, people, signed_in):
        ana, ben = people
        answers = []
        for is_blocked_back in (False, True):
            services.block(blocker=ben, blocked=ana)
            if is_blocked_back:
                services.block(blocker=ana, blocked=ben)
            answer = signed_in(ben).post("/users/ana/unblock/")
            answers.append((answer.status_code, answer.url, told(answer)[-1:]))
        assert answers[0] == answers[1]

    def test_no_page_tells_the_blocked_person_but_by_the_sentence(self, people, signed_in):
        ana, ben = people
        client = signed_in(ben)
        services.block(blocker=ana, blocked=ben)
        for page in self.pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert "You have blocked" not in text_of(answer), page
            assert "blocked you" not in text_of(answer), page
            assert (SENTENCE in text_of(answer)) == (page == "/messages/with/ana/"), page
        assert "/users/ana/block/" in text_of(client.get("/users/ana/"))
        assert not client.get("/settings/blocks/").context["blocks"]

    @pytest.mark.parametrize(
        ("path", "data"), [("users/{}/follow/", {}), ("messages/with/{}/", {"body": "Hi"})]
    )
    def test_being_blocked_reads_like_a_suspension(self, ana, ben, signed_in, path, data):
        SuspendedUserFactory(username="sam")
        services.block(blocker=ana, blocked=ben)
        client = signed_in(ben)
        blocked, suspended = (client.post("/" + path.format(name), data) for name in ("ana", "sam"))
        assert blocked.status_code == suspended.status_code == 403
        assert text_of(blocked) == text_of(suspended)
        assert SENTENCE in text_of(blocked)

    def test_visitors_learn_nothing(self, people, client):
        ana, ben = people
        addresses = ("/users/ana/", "/users/ben/", "/users/cleo/followers/", "/collections/")
        before = [text_of(client.get(address)) for address in addresses]
        services.block(blocker=ana, blocked=ben)
        assert [text_of(client.get(address)) for address in addresses] == before

    def test_nothing_is_sent_to_the_blocked_person(self, people, signed_in, mailoutbox):
        ana, ben = people
        client = signed_in(ben)
        poll = "/notifications/poll/"
        before = client.get(poll).json()
        services.block(blocker=ana, blocked=ben)
        assert client.get(poll).json() == before
        assert not mailoutbox

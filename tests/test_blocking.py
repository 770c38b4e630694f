"""Effects of a block on the site's pages, which do not reveal who blocked whom."""

import re

import pytest

from accounts import services
from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.tests.factories import ContentFactory
from follows.models import CollectionFollow, Follow
from messaging.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

SENTENCE = "This person cannot be contacted."
# Text that differs in every response: tokens, and ages in seconds.
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


def messages_of(answer):
    return [str(message) for message in answer.wsgi_request._messages]


def test_block_ends_follows_both_ways(ana, ben, signed_in):
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


class TestConversation:
    def test_has_block_and_unblock_links(self, ana, ben, signed_in):
        MessageFactory(sender=ben, recipient=ana, body="Old words.")
        client, page = signed_in(ana), "/messages/with/ben/"
        assert "/users/ben/block/?next=/messages/with/ben/" in text_of(client.get(page))
        assert client.post("/users/ben/block/", {"next": page}).url == page
        shown = text_of(client.get(page))
        for text in ("Old words.", "You have blocked Ben Okafor.", "/users/ben/unblock/"):
            assert text in shown
        assert "<textarea" not in shown

    def test_empty_conversation_leads_to_profile(self, ana, ben, signed_in):
        page = text_of(signed_in(ana).get("/messages/with/ben/"))
        assert 'href="/users/ben/block/"' in page


class TestSecrecy:
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
        """Return Ana and Ben, who follow Cleo; Ana has written to Ben."""
        ContentFactory(collection__author=ana)
        cleo = UserFactory(username="cleo")
        for person in (ana, ben):
            Follow.objects.follow(person, cleo)
        MessageFactory(sender=ana, recipient=ben, read_at=ana.date_joined)
        return ana, ben

    def responses(self, client):
        """Return status, text and messages of each page and form."""
        answers = [(page, client.get(page)) for page in self.pages]
        answers += [(page, client.post(page, data)) for page, data in self.forms]
        return {
            (number, page): (answer.status_code, text_of(answer), messages_of(answer))
            for number, (page, answer) in enumerate(answers)
        }

    def test_blocker_sees_no_counter_block(self, people, signed_in):
        ana, ben = people
        client = signed_in(ben)
        services.block(blocker=ben, blocked=ana)
        before = self.responses(client)
        services.block(blocker=ana, blocked=ben)
        after = self.responses(client)
        for page, answer in before.items():
            assert after[page] == answer, page

    def test_unblock_reveals_no_counter_block(self, people, signed_in):
        ana, ben = people
        answers = []
        for is_blocked_back in (False, True):
            services.block(blocker=ben, blocked=ana)
            if is_blocked_back:
                services.block(blocker=ana, blocked=ben)
            answer = signed_in(ben).post("/users/ana/unblock/")
            answers.append((answer.status_code, answer.url, messages_of(answer)[-1:]))
        assert answers[0] == answers[1]

    def test_blocked_person_sees_only_sentence(self, people, signed_in):
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
    def test_block_looks_like_suspension(self, ana, ben, signed_in, path, data):
        SuspendedUserFactory(username="sam")
        services.block(blocker=ana, blocked=ben)
        client = signed_in(ben)
        blocked, suspended = (client.post("/" + path.format(name), data) for name in ("ana", "sam"))
        assert blocked.status_code == suspended.status_code == 403
        assert text_of(blocked) == text_of(suspended)
        assert SENTENCE in text_of(blocked)

    def test_visitors_see_no_change(self, people, client):
        ana, ben = people
        addresses = ("/users/ana/", "/users/ben/", "/users/cleo/followers/", "/collections/")
        before = [text_of(client.get(address)) for address in addresses]
        services.block(blocker=ana, blocked=ben)
        assert [text_of(client.get(address)) for address in addresses] == before

    def test_blocked_person_is_not_notified(self, people, signed_in, mailoutbox):
        ana, ben = people
        client = signed_in(ben)
        poll = "/notifications/poll/"
        before = client.get(poll).json()
        services.block(blocker=ana, blocked=ben)
        assert client.get(poll).json() == before
        assert not mailoutbox

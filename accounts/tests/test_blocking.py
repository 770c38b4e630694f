"""Blocking and unblocking from a profile, and the list in the settings."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts import services
from accounts.models import Block
from accounts.tests.factories import (
    ModeratorFactory,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

BLOCKS = "/settings/blocks/"


@pytest.fixture
def ben(db):
    return UserFactory(username="ben", name="Ben Okafor")


def block(client, person, **data):
    return client.post(f"/users/{person.username}/block/", data)


def unblock(client, person, **data):
    return client.post(f"/users/{person.username}/unblock/", data)


def text_of(answer):
    return answer.content.decode()


def message_texts(answer):
    return [str(message) for message in answer.wsgi_request._messages]


class TestBlockAndUnblock:
    def test_block_and_unblock_from_profile(self, ana, ben, signed_in):
        client = signed_in(ana)
        assert "/users/ben/block/" in text_of(client.get("/users/ben/"))
        answer = block(client, ben)
        assert (answer.url, message_texts(answer)) == (
            "/users/ben/",
            ["You have blocked Ben Okafor."],
        )
        assert Block.objects.filter(blocker=ana, blocked=ben).count() == 1
        page = text_of(client.get("/users/ben/"))
        assert "You have blocked Ben Okafor." in page
        assert "/users/ben/unblock/" in page
        assert "/users/ben/block/" not in page
        assert unblock(client, ben).url == "/users/ben/"
        assert not Block.objects.exists()
        assert "/users/ben/block/" in text_of(client.get("/users/ben/"))

    def test_doing_it_twice_changes_nothing_more(self, ana, ben, signed_in):
        client = signed_in(ana)
        assert [block(client, ben).status_code for _ in range(2)] == [302, 302]
        assert Block.objects.count() == 1
        assert [unblock(client, ben).status_code for _ in range(2)] == [302, 302]

    def test_one_unblocks_whom_one_blocked_oneself_alone(self, ana, ben, signed_in):
        services.block(blocker=ben, blocked=ana)
        unblock(signed_in(ana), ben)
        assert Block.objects.filter(blocker=ben, blocked=ana).exists()

    def test_form_alone_blocks_nobody(self, ana, ben, signed_in):
        client = signed_in(ana)
        for method in (client.get, client.head):
            assert method("/users/BEN/block/").status_code == 200
        page = text_of(client.get("/users/BEN/block/"))
        assert "Block Ben Okafor?" in page
        assert "Neither of you can follow or write to the other." in page
        assert "Ben Okafor is not told." in page
        assert not Block.objects.exists()

    def test_nothing_is_unblocked_by_opening_an_address(self, ana, ben, signed_in):
        services.block(blocker=ana, blocked=ben)
        assert signed_in(ana).get("/users/ben/unblock/").status_code == 405
        assert Block.objects.exists()

    def test_next_stays_on_this_site(self, ana, ben, signed_in):
        client = signed_in(ana)
        form = text_of(client.get("/users/ben/block/", {"next": "/messages/with/ben/"}))
        assert (
            form.count("/messages/with/ben/") == 2
        )  # after blocking, and after changing one's mind
        for change in (block, unblock):
            assert change(client, ben, next="/messages/with/ben/").url == "/messages/with/ben/"
            assert change(client, ben, next="https://elsewhere.example/").url == "/users/ben/"
        page = text_of(client.get("/users/ben/block/?next=//elsewhere.example"))
        assert '"//elsewhere' not in page

    @pytest.mark.parametrize("change", [block, unblock])
    def test_visitors_are_asked_to_sign_in(self, change, client, ben):
        assert change(client, ben).url.startswith(reverse("account_login"))
        assert "/block/" not in text_of(client.get("/users/ben/"))

    @pytest.mark.parametrize("change", [block, unblock])
    def test_oneself_and_unknown_people_404(self, change, ana, signed_in):
        client = signed_in(ana)
        for person in (ana, UserFactory.build(username="nobody"), UnconfirmedUserFactory()):
            assert change(client, person).status_code == 404
        assert client.get("/users/ana/block/").status_code == 404
        assert client.get("/users/a%00b/block/").status_code == 404
        assert "/users/ana/block/" not in text_of(client.get("/users/ana/"))

    def test_suspended_person_can_be_blocked(self, ana, signed_in):
        person = SuspendedUserFactory(username="sam", name="Sam Secret")
        client = signed_in(ana)
        page = text_of(client.get("/users/sam/block/"))
        assert "Block sam?" in page
        assert "Sam Secret" not in page
        assert block(client, person).url == BLOCKS
        assert unblock(client, person).url == BLOCKS
        assert not Block.objects.exists()

    def test_who_was_switched_off_can_still_be_unblocked(self, ana, ben, signed_in):
        services.block(blocker=ana, blocked=ben)
        type(ben).objects.filter(pk=ben.pk).update(is_active=False)
        client = signed_in(ana)
        assert "/users/ben/unblock/" in text_of(client.get(BLOCKS))
        assert unblock(client, ben).status_code == 302
        assert not Block.objects.exists()
        assert block(client, ben).status_code == 404

    def test_staff_are_blocked_like_anybody_and_moderate_still(self, ana, signed_in):
        moderator = ModeratorFactory(username="mo")
        assert block(signed_in(ana), moderator).status_code == 302
        with pytest.raises(PermissionDenied):
            services.check_may_contact(by=moderator, person=ana)
        client = signed_in(moderator)
        assert client.get("/users/ana/").status_code == 200
        client.post("/users/ana/suspend/", {"reason": "Advertisements."})
        ana.refresh_from_db()
        assert ana.is_suspended


class TestTheList:
    def test_it_shows_whom_one_blocked_the_latest_first(self, ana, ben, signed_in):
        suspended = SuspendedUserFactory(username="sam")
        for person in (ben, suspended):
            services.block(blocker=ana, blocked=person)
        services.block(blocker=UserFactory(username="zoe"), blocked=ana)
        page = signed_in(ana).get(BLOCKS)
        assert [row.blocked for row in page.context["blocks"]] == [suspended, ben]
        assert 'href="/users/ben/"' in text_of(page)
        assert 'href="/users/sam/"' not in text_of(page)
        assert "zoe" not in text_of(page)

    def test_unblocking_there_leads_back_there(self, ana, ben, signed_in):
        services.block(blocker=ana, blocked=ben)
        page = text_of(signed_in(ana).get(BLOCKS))
        assert '<input type="hidden" name="next" value="/settings/blocks/">' in page

    def test_empty_list_is_in_settings(self, ana, signed_in):
        client = signed_in(ana)
        assert "will be here" in text_of(client.get(BLOCKS))
        assert f'href="{BLOCKS}"' in text_of(client.get("/settings/profile/"))

    def test_it_needs_login(self, client):
        assert client.get(BLOCKS).url == f"{reverse('account_login')}?next={BLOCKS}"

    def test_it_is_numbered(self, ana, signed_in, settings):
        settings.RESULTS_PER_PAGE = 2
        for person in UserFactory.create_batch(3):
            services.block(blocker=ana, blocked=person)
        client = signed_in(ana)
        assert len(client.get(BLOCKS, {"page": 2}).context["blocks"]) == 1
        for page in ("3", "0", "x"):
            assert client.get(BLOCKS, {"page": page}).status_code == 404

    def test_its_queries_do_not_grow_with_its_rows(self, ana, signed_in, queries_of):
        client = signed_in(ana)
        counts = []
        for people in (1, 15):
            for person in UserFactory.create_batch(people):
                services.block(blocker=ana, blocked=person)
            counts.append(queries_of(client, BLOCKS))
        assert counts[0] == counts[1] <= 16

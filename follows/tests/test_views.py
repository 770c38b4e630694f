from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.tests.factories import CollectionFactory
from follows.models import CollectionFollow, Follow

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def address(target, *, unfollow=False):
    prefix = "follows:unfollow" if unfollow else "follows:follow"
    if hasattr(target, "username"):
        return reverse(prefix, args=[target.username])
    return reverse(f"{prefix}_collection", args=[target.pk])


@pytest.fixture(params=["person", "collection"])
def target(request, ana, collection):
    return ana if request.param == "person" else collection


def is_following(person, target):
    objects = Follow.objects if hasattr(target, "username") else CollectionFollow.objects
    return objects.is_following(person, target)


def test_form_redirects_to_its_row(signed_in, ben, ana):
    back = "/users/?q=ana#follow-person-1"
    answer = signed_in(ben).post(address(ana), {"next": back}, follow=True)
    assert answer.redirect_chain == [(back, 302)]
    sentence = "You follow Ana Lopes. What they add will appear on your home page."
    assert sentence in answer.content.decode()
    assert is_following(ben, ana)


def test_follow_and_unfollow_show_messages(signed_in, ben, target):
    client = signed_in(ben)
    for unfollow in (False, True):
        answer = client.post(address(target, unfollow=unfollow), follow=True)
        (message,) = answer.context["messages"]
        assert ("no longer" in str(message)) is unfollow
        assert is_following(ben, target) is not unfollow
        assert answer.redirect_chain[-1][0] == target.get_absolute_url()


@pytest.mark.parametrize(
    "next_page",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", ""],
)
def test_nobody_is_sent_to_another_site(signed_in, ben, ana, next_page):
    answer = signed_in(ben).post(address(ana), {"next": next_page})
    assert answer["Location"] == ana.get_absolute_url()


def test_script_gets_json(signed_in, ben, target):
    client = signed_in(ben)
    for _twice in range(2):
        answer = client.post(address(target), headers=JSON)
        data = answer.json()
        assert data["following"] is True
        assert (data["label"], data["count"]) == ("Unfollow", "1 follower")
        assert data["action"] == address(target, unfollow=True)
        assert data["message"].startswith("You follow ")
        assert answer["Cache-Control"] == "private, no-store"
    data = client.post(data["action"], headers=JSON).json()
    assert (data["following"], data["label"], data["count"]) == (False, "Follow", "0 followers")
    assert data["action"] == address(target)


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch"])
def test_only_a_post_follows(signed_in, ben, target, method):
    assert getattr(signed_in(ben), method)(address(target)).status_code == 405
    assert not is_following(ben, target)


def test_a_post_needs_its_token(ben, target):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ben)
    assert strict.post(address(target)).status_code == 403
    assert not is_following(ben, target)


def test_missing_permission_is_explained(signed_in, ben, target):
    ben.groups.clear()
    answer = signed_in(ben).post(address(target))
    assert answer.status_code == 403
    assert "may not follow" in answer.content.decode()
    assert not is_following(ben, target)


def test_without_the_permission_there_is_no_button(signed_in, ben, target):
    page = target.get_absolute_url()
    assert address(target) in signed_in(ben).get(page).content.decode()
    ben.groups.clear()
    assert address(target) not in signed_in(ben).get(page).content.decode()


def test_visitors_must_sign_in(client, target):
    assert address(target) not in client.get(target.get_absolute_url()).content.decode()
    assert client.post(address(target))["Location"].startswith("/accounts/login/")


def test_nobody_follows_themselves_or_what_they_made(signed_in, ana, target):
    client = signed_in(ana)
    assert client.post(address(target)).status_code == 404
    assert address(target) not in client.get(target.get_absolute_url()).content.decode()


@pytest.mark.parametrize("blocker_is_ana", [True, False])
def test_a_forced_request_between_blocked_people_is_refused(
    signed_in, ben, ana, target, blocker_is_ana
):
    blocker, blocked = (ana, ben) if blocker_is_ana else (ben, ana)
    services.block(blocker=blocker, blocked=blocked)
    answer = signed_in(ben).post(address(target))
    assert answer.status_code == 403
    assert "This person cannot be contacted." in answer.content.decode()
    assert not is_following(ben, target)


def test_what_cannot_be_seen_cannot_be_followed(signed_in, ben, moderator, collection):
    hidden = CollectionFactory(hidden_at=collection.created_at, hidden_reason="Spam.")
    for person in (ben, moderator):
        client = signed_in(person)
        for one in (hidden, CollectionFactory(author=SuspendedUserFactory())):
            assert client.post(address(one)).status_code == 404
            assert client.post(address(one, unfollow=True)).status_code == 404


def test_refusal_does_not_reveal_block(signed_in, ben):
    answer = signed_in(ben).post(address(SuspendedUserFactory()))
    assert answer.status_code == 403
    assert "This person cannot be contacted." in answer.content.decode()


def test_login_returns_to_button(client, ben, target):
    page = target.get_absolute_url()
    for data, back in (({}, page), ({"next": "/users/?page=1"}, "/users/?page=1")):
        answer = client.post(address(target), data)
        assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [back]


@pytest.mark.parametrize("path", ["users/nobody", "collections/0", "collections/99999999999999"])
def test_what_is_not_there_is_not_found(signed_in, ben, path):
    for call in ("follow", "unfollow"):
        assert signed_in(ben).post(f"/{path}/{call}/").status_code == 404


def test_username_matches_in_any_case(signed_in, ben, ana):
    assert signed_in(ben).post("/users/ANA/follow/").status_code == 302
    assert is_following(ben, ana)


def test_repeated_requests_succeed(signed_in, ben, target):
    client = signed_in(ben)
    for _twice in range(2):
        assert client.post(address(target)).status_code == 302
    for _twice in range(2):
        assert client.post(address(target, unfollow=True)).status_code == 302


def test_buttons_of_a_list_know_whom_one_follows(signed_in, ben, ana, moderator):
    Follow.objects.follow(ben, ana)
    UserFactory(username="cleo")
    services.block(blocker=moderator, blocked=ben)
    page = signed_in(ben).get("/users/").content.decode()
    assert address(ana, unfollow=True) in page
    assert "/users/cleo/follow/" in page
    assert address(moderator) not in page
    assert address(ben) not in page

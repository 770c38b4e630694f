"""Followers, following, and a collection's followers."""

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from accounts import services
from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from follows.models import CollectionFollow, Follow
from follows.tests.factories import CollectionFollowFactory, FollowFactory

pytestmark = pytest.mark.django_db

LISTS = ["followers", "following", "following_collections", "collection_followers"]


def address(name, ana, collection):
    argument = collection.pk if name == "collection_followers" else ana.username
    return reverse(f"follows:{name}", args=[argument])


def fill(name, ana, collection, number):
    """Make `number` rows for the list `name` of Ana or her collection."""
    for _ in range(number):
        if name == "followers":
            FollowFactory(followed=ana)
        elif name == "following":
            FollowFactory(follower=ana)
        elif name == "following_collections":
            link = ContentFactory()
            CollectionFollowFactory(follower=ana, collection=link.collection)
        else:
            CollectionFollowFactory(collection=collection)


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_numbered_and_public(client, ana, collection, settings, name):
    settings.RESULTS_PER_PAGE = 2
    fill(name, ana, collection, 5)
    page = client.get(address(name, ana, collection), {"page": 3})
    assert len(page.context["follows"]) == 1
    assert 'aria-current="page"' in page.content.decode()
    for number in ("4", "0", "x", "-1", "9" * 30):
        assert client.get(address(name, ana, collection), {"page": number}).status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_lists_show_the_newest_first(client, ana, collection, name):
    fill(name, ana, collection, 3)
    rows = [row.pk for row in client.get(address(name, ana, collection)).context["follows"]]
    assert rows == sorted(rows, reverse=True)
    assert len(rows) == 3


@pytest.mark.parametrize("name", LISTS)
def test_lists_take_as_many_queries_for_many_rows(
    signed_in, ben, ana, collection, queries_of, name
):
    client, page = signed_in(ben), address(name, ana, collection)
    fill(name, ana, collection, 1)
    one = queries_of(client, page)
    fill(name, ana, collection, 20)
    assert queries_of(client, page) == one <= 16


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_says_what_will_be_there(client, ana, collection, name):
    page = client.get(address(name, ana, collection)).content.decode()
    assert "will be here." in page


def test_row_has_date_button_and_state(signed_in, ana, ben):
    row = FollowFactory(follower=ben, followed=ana)
    page = signed_in(ana).get(reverse("follows:followers", args=["ana"])).content.decode()
    assert f"Since {date_format(row.created_at)}" in page
    assert "Follows you" in page
    assert "/users/ben/follow/" in page


def test_lists_exclude_invisible_people(client, ana, collection, moderator):
    suspended = SuspendedUserFactory()
    Follow.objects.bulk_create(
        [Follow(follower=suspended, followed=ana), Follow(follower=ana, followed=suspended)]
    )
    hidden = CollectionFactory(hidden_at=collection.created_at, hidden_reason="Spam.")
    CollectionFollow.objects.bulk_create(
        [
            CollectionFollow(follower=suspended, collection=collection),
            CollectionFollow(follower=ana, collection=hidden),
            CollectionFollow(follower=ana, collection=CollectionFactory(author=suspended)),
        ]
    )
    for name in LISTS:
        assert not client.get(address(name, ana, collection)).context["follows"], name
    page = client.get(ana.get_absolute_url()).content.decode()
    assert "follows 0" in page


@pytest.mark.parametrize("blocker_is_reader", [True, False])
@pytest.mark.parametrize("name", LISTS)
def test_lists_exclude_blocks(
    signed_in, client, ana, ben, collection, moderator, name, blocker_is_reader
):
    for person in (ben, moderator):
        FollowFactory(follower=person, followed=ana)
        FollowFactory(follower=ana, followed=person)
        CollectionFollowFactory(follower=person, collection=collection)
        link = ContentFactory(collection__author=person)
        CollectionFollowFactory(follower=ana, collection=link.collection)
    reader = UserFactory(username="reader")
    pair = (reader, ben) if blocker_is_reader else (ben, reader)
    services.block(blocker=pair[0], blocked=pair[1])
    page = address(name, ana, collection)
    assert len(client.get(page).context["follows"]) == 2  # visitors see what everyone may see
    assert counterpart_ids(name, signed_in(reader).get(page).context["follows"]) == {moderator}


def counterpart_ids(name, rows):
    """Return whom the rows of the list `name` show."""
    lead = {"following": "followed", "following_collections": "collection"}.get(name, "follower")
    shown = {getattr(row, lead) for row in rows}
    return {target.author for target in shown} if lead == "collection" else shown


@pytest.mark.parametrize("name", LISTS)
def test_self_follows_are_in_no_list(client, ana, collection, name):
    assert not client.get(address(name, ana, collection)).context["follows"]


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_invisible_targets_are_404(client, moderator, signed_in, name):
    collection = CollectionFactory(author=SuspendedUserFactory())
    page = address(name, collection.author, collection)
    assert client.get(page).status_code == 404
    assert signed_in(moderator).get(page).status_code == 200


def test_counts_are_on_profile_and_collection(client, ana, collection):
    fill("followers", ana, collection, 2)
    fill("following", ana, collection, 1)
    fill("collection_followers", ana, collection, 3)
    page = client.get(ana.get_absolute_url()).content.decode()
    assert "2 followers" in page
    assert "follows 1<" in page
    assert "3 followers" in client.get(collection.get_absolute_url()).content.decode()


def test_directory_shows_follow_states(signed_in, ben, ana):
    UserFactory(username="cleo")
    FollowFactory(follower=ana, followed=ben)
    page = signed_in(ben).get("/users/").content.decode()
    assert page.count("Follows you") == 1

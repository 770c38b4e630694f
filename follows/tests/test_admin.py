import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from follows.models import CollectionFollow, Follow
from follows.tests.factories import CollectionFollowFactory, FollowFactory

pytestmark = pytest.mark.django_db

LISTS = [
    reverse("admin:follows_follow_changelist"),
    reverse("admin:follows_collectionfollow_changelist"),
]
PEOPLE, COLLECTIONS = LISTS


@pytest.fixture(params=["person", "collection"])
def row(request, ana, ben, collection):
    if request.param == "person":
        return FollowFactory(follower=ben, followed=ana)
    return CollectionFollowFactory(follower=ben, collection=collection)


def page_of(row, view):
    return reverse(f"admin:follows_{row._meta.model_name}_{view}", args=[row.pk])


def list_of(row):
    return PEOPLE if isinstance(row, Follow) else COLLECTIONS


def rows_of(client, address, **query):
    return list(client.get(address, query).context["cl"].result_list)


@pytest.mark.parametrize("address", LISTS)
def test_lists_are_for_staff(signed_in, ana, moderator, address):
    assert signed_in(ana).get(address).status_code in {302, 403}
    assert signed_in(moderator).get(address).status_code == 200


def test_lists_and_search_exclude_self_follows(signed_in, moderator, row):
    client, address = signed_in(moderator), list_of(row)
    FollowFactory()
    CollectionFollowFactory()
    assert len(rows_of(client, address)) == 2
    for words in ("ben", "ana"):
        assert rows_of(client, address, q=words) == [row]


@pytest.mark.parametrize("address", LISTS)
def test_lists_take_as_many_queries_for_many_rows(
    signed_in, moderator, ana, collection, address, queries_of
):
    client = signed_in(moderator)
    CollectionFollowFactory(collection=collection)
    FollowFactory(followed=ana)
    one = queries_of(client, address)
    for _ in range(20):
        CollectionFollowFactory(collection=collection)
        FollowFactory(followed=ana)
    assert queries_of(client, address) == one <= 16


def test_staff_add_none_and_change_none(signed_in, moderator, row):
    client = signed_in(moderator)
    name = row._meta.model_name
    assert client.get(reverse(f"admin:follows_{name}_add")).status_code == 403
    assert client.get(page_of(row, "change")).status_code == 200
    assert client.post(page_of(row, "change"), {"created_at": "x"}).status_code == 403
    assert client.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403


def test_staff_remove_one_with_a_reason(signed_in, moderator, ben, row):
    address = reverse(f"admin:follows_{row._meta.model_name}_act", args=[row.pk, "remove"])
    client = signed_in(moderator)
    assert client.get(address).status_code == 200
    client.post(address, {"confirmed": "1", "reason": ""})
    assert type(row).objects.filter(pk=row.pk).exists()
    answer = client.post(address, {"confirmed": "1", "reason": "A bot."}, follow=True)
    assert answer.redirect_chain == [(list_of(row), 302)]
    assert not type(row).objects.filter(pk=row.pk).exists()
    followed = getattr(row, "followed", None) or row.collection
    followed.refresh_from_db()
    assert followed.follower_count == 0
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (moderator, str(row.pk))
    assert entry.change_message == "Removed: A bot."


def test_bulk_removal_says_count(signed_in, moderator, row):
    other = FollowFactory() if isinstance(row, Follow) else CollectionFollowFactory()
    chosen = {"action": "remove", "_selected_action": [row.pk, other.pk]}
    client = signed_in(moderator)
    page = client.post(list_of(row), chosen).content.decode()
    assert "2 follows." in page
    client.post(list_of(row), {**chosen, "confirmed": "1", "reason": "Bots."})
    assert not Follow.objects.explicit().exists()
    assert not CollectionFollow.objects.explicit().exists()
    assert LogEntry.objects.count() == 2

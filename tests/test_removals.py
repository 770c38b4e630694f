"""Removals read the rows when they are delivered: restored rows stay, in any order of keys."""

from random import Random

import pytest
from django.db import transaction
from django.utils import timezone
from stream_django.client import stream_client

from accounts import services as people
from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app import services
from collections_app.models import Collection
from collections_app.tests.factories import CollectionFactory, ContentFactory
from feeds.models import OutboxEntry
from feeds.outbox.claims import claim
from feeds.outbox.delivery import deliver as deliver_claim
from feeds.stream import api
from follows.models import Follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return {"by": ModeratorFactory(), "reason": "A test."}


@pytest.fixture
def saved(deliver):
    """Return a link that two others saved, with everything delivered."""
    link = ContentFactory()
    for saver in UserFactory.create_batch(2):
        services.save_link(link=link, by=saver, collection=CollectionFactory(author=saver))
    deliver()
    return link


def site(link):
    """Return what Stream has of the author of a link, of its collection and of its savers."""
    author = link.collection.author_id
    feeds = [("user", author), ("links", author), ("notification", author)]
    feeds += [("collection", link.collection_id)]
    feeds += [("follow", saving.saver_id) for saving in link.saved.savings.all()]
    return {
        **{feed: held(*feed) for feed in feeds},
        "users": api.get_users([str(author)]),
        "collections": api.get_objects("collections", [str(link.collection_id)]),
        "links": api.get_objects("links", [str(link.pk)]),
    }


def held(group, pk):
    results = stream_client.feed(group, str(pk)).get(limit=100)["results"]
    activities = [one for result in results for one in result.get("activities", [result])]
    return sorted(activity["foreign_id"] for activity in activities)


def deliver_by_key(keys):
    """Deliver the pending entries, all of one key before any of the next."""
    for key in keys:
        while claimed := claim(keys={key}):
            deliver_claim(claimed)


def pending_keys():
    pending = OutboxEntry.objects.filter(state="pending")
    return sorted(set(pending.values_list("key", flat=True)))


def orders(keys):
    """Return some orders of delivery, the reverse of each other among them."""
    chance = Random(1)
    return [keys, keys[::-1], *(chance.sample(keys, len(keys)) for _ in range(10))]


def hide_and_restore(target, by):
    services.hide(target=target, **by)
    services.restore(target=target, **by)


def suspend_and_lift(person, by):
    people.suspend(person=person, **by)
    people.unsuspend(person=person, **by)


ACTIONS = {
    "link": lambda link, by: hide_and_restore(link, by),
    "collection": lambda link, by: hide_and_restore(link.collection, by),
    "person": lambda link, by: suspend_and_lift(link.collection.author, by),
}


@pytest.mark.parametrize("act", ACTIONS)
@pytest.mark.slow
def test_restored_rows_stay_in_any_key_order(act, saved, by, deliver):
    before = site(saved)
    ACTIONS[act](saved, by)
    for keys in orders(pending_keys()):
        with transaction.atomic():
            deliver_by_key(keys)
            deliver()
            assert site(saved) == before, keys
            transaction.set_rollback(True)


@pytest.mark.parametrize("act", ACTIONS)
def test_repeated_removals_keep_restored_rows(act, saved, by, deliver):
    before = site(saved)
    ACTIONS[act](saved, by)
    deliver()
    removals = ("remove", "empty_feed", "unfollow_many", "delete_user", "delete_object")
    again = OutboxEntry.objects.filter(operation__in=removals)
    again.update(state="pending", delivered_at=None)
    deliver()
    assert site(saved) == before


def test_late_unfollow_keeps_new_follow(deliver):
    reader, author = UserFactory.create_batch(2)
    Follow.objects.follow(reader, author)
    Follow.objects.unfollow(reader, author)
    entry = OutboxEntry.objects.get(operation="unfollow_many")
    OutboxEntry.objects.filter(pk=entry.pk).update(state="failed")
    Follow.objects.follow(reader, author)
    deliver()
    OutboxEntry.objects.filter(pk=entry.pk).update(state="pending")
    deliver()
    standing = stream_client.feed("timeline", str(reader.pk)).following()["results"]
    followed = {row["target_id"] for row in standing}
    assert {f"user:{author.pk}", f"links:{author.pk}"} <= followed


def test_late_emptying_keeps_public_activities(deliver):
    collection = CollectionFactory()
    links = ContentFactory.create_batch(5, collection=collection)
    deliver()
    type(links[0]).objects.filter(pk__in=[links[1].pk, links[4].pk]).update(
        hidden_at=timezone.now()
    )
    OutboxEntry.objects.create(
        operation="empty_feed",
        subject=f"collections_app.Collection:{collection.pk}",
        key=f"collection:{collection.pk}",
        destination="embedded",
    )
    while claimed := claim():
        deliver_claim(claimed, step=2)
    assert held("collection", collection.pk) == [
        links[place].activity_foreign_id for place in (0, 2, 3)
    ]


class Meanwhile:
    """The embedded server, except that `act` runs once before a call by `method`."""

    def __init__(self, server, method, act):
        self.server, self.method, self.act = server, method, act

    def send(self, request, **options):
        if request.method == self.method and self.act:
            act, self.act = self.act, None
            act()
        return self.server.send(request, **options)


@pytest.fixture
def meanwhile():
    """Return a function that runs another one during the next call by a method."""
    session = stream_client.session
    adapters = dict(session.adapters)

    def happens(method, act):
        session.mount("https://", Meanwhile(session.get_adapter("https://"), method, act))

    yield happens
    session.adapters.clear()
    session.adapters.update(adapters)


def test_row_restored_during_removal_returns(saved, meanwhile, deliver):
    before = site(saved)
    saving = saved.saved.savings.first()
    shown = Collection.objects.filter(pk=saved.collection_id)
    shown.update(hidden_at=timezone.now())
    meanwhile("DELETE", lambda: shown.update(hidden_at=None))
    OutboxEntry.objects.create(
        operation="unfollow_many",
        subject="collections_app.Collection:1",
        key=f"user:{saved.collection.author_id}",
        details={
            "pairs": [],
            "activities": [[f"follow:{saving.saver_id}", saving.activity_foreign_id]],
        },
        destination="embedded",
    )
    deliver()
    assert site(saved) == before


def test_row_hidden_during_call_is_removed(meanwhile, deliver):
    collection = CollectionFactory()
    shown = Collection.objects.filter(pk=collection.pk)
    OutboxEntry.objects.exclude(operation="add").delete()
    meanwhile("POST", lambda: shown.update(hidden_at=timezone.now()))
    deliver()
    assert held("user", collection.author_id) == []


def test_object_hidden_during_call_is_deleted(meanwhile, deliver):
    collection = CollectionFactory()
    OutboxEntry.objects.exclude(operation="set_object").delete()
    shown = Collection.objects.filter(pk=collection.pk)
    meanwhile("POST", lambda: shown.update(hidden_at=timezone.now()))
    deliver()
    assert api.get_objects("collections", [str(collection.pk)]) == {}

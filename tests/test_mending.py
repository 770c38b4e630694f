"""`check_feeds` finds and mends random damage: FEEDS_DAMAGES=100 tries so many cases."""

import contextlib
import os
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts import services
from accounts.tests.factories import ModeratorFactory, UnconfirmedUserFactory, UserFactory
from collections_app.models import Collection
from collections_app.services import add_link, create_collection, hide
from feeds import asking, declared
from feeds.declared import FeedName
from follows.models import CollectionFollow, Follow
from tests.damage import damage

CASES = int(os.environ.get("FEEDS_DAMAGES", "10"))
# What one mending uncovers the next one finds.
MOST_ROUNDS = 6

pytestmark = pytest.mark.django_db


def make_world(deliver):
    """Make people who follow each other and what they collect; some of it is hidden or shut out."""
    moderator, people = ModeratorFactory(), UserFactory.create_batch(4)
    UnconfirmedUserFactory()
    for number, person in enumerate(people):
        Follow.objects.follow(people[number - 1], person)
        Follow.objects.follow(people[number - 3], person)
        for name in ("First", "Second")[: 1 + number % 2]:
            collection = create_collection(author=person, name=name, description="Links.")
            for page in range(2 + number * 2):
                add_link(collection=collection, url=f"https://example.org/{page}", title=name)
    for number, collection in enumerate(Collection.objects.order_by("pk")):
        for person in people[: number % 4 + 1]:
            if person != collection.author:
                CollectionFollow.objects.follow(person, collection)
    deliver()
    by = {"by": moderator, "reason": "A test."}
    hide(target=people[1].collections.first(), **by)
    hide(target=people[3].collections.first().contents.first(), **by)
    services.suspend(person=people[2], **by)
    deliver()


def shown():
    """Return what Stream answers about every feed, user and object."""
    feeds = [
        FeedName(group, row.pk)
        for model, groups in declared.owners().items()
        for row in model.objects.all()
        for group in groups
    ]
    people = [str(row.pk) for row in declared.declaring("stream_user_data")[0].objects.all()]
    collections = [str(row.pk) for row in Collection.objects.all()]
    return {
        **{feed: [tidied(one) for page, _ in asking.pages(feed) for one in page] for feed in feeds},
        **{f"{feed} follows": set(asking.following(feed)) for feed in feeds},
        "users": asking.users(people),
        "objects": asking.objects("collections", collections),
    }


def tidied(item):
    """Return an activity or a group without marks, and without which of several ways it came."""
    left = {name: item[name] for name in item if name not in {"is_seen", "is_read", "origin"}}
    if "activities" in left:
        left["activities"] = [tidied(activity) for activity in left["activities"]]
    return left


def check(capsys, **options):
    """Return the differences that `check_feeds` prints."""
    with contextlib.suppress(CommandError):
        call_command("check_feeds", verbosity=0, **options)
    return capsys.readouterr().out.splitlines()


def mend(deliver, capsys):
    """Mend until nothing differs; return what differed, or fail."""
    rounds = []
    while found := check(capsys, repair=True):
        deliver()
        rounds.append(found)
        assert len(rounds) < MOST_ROUNDS, rounds
    return rounds


@pytest.mark.slow
def test_random_damage_is_found_and_mended(deliver, capsys):
    make_world(deliver)
    assert check(capsys) == []
    before = shown()
    for case in range(CASES):
        with transaction.atomic():
            random = Random(case)
            done = [damage(random) for _ in range(random.randint(1, 6))]
            printed = mend(deliver, capsys)
            after = shown()
            wrong = {name: after[name] for name in after if after[name] != before[name]}
            assert not wrong, (case, done, printed, {name: before[name] for name in wrong})
            transaction.set_rollback(True)

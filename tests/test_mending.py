"""`check_feeds` repairs random damage; FEEDS_DAMAGES=100 sets the number of cases."""

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
from feeds import feed_mapping
from feeds.feed_mapping import FeedName
from feeds.stream import api
from follows.models import CollectionFollow, Follow
from tests.damage import damage

CASES = int(os.environ.get("FEEDS_DAMAGES", "10"))
# A repair can uncover more differences.
MAX_ROUNDS = 6

pytestmark = pytest.mark.django_db


def make_site(deliver):
    """Create people, collections, links and follows; some are hidden or suspended."""
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


def read_stream():
    """Return every feed, user and object as Stream has it."""
    feeds = [
        FeedName(group, row.pk)
        for model, groups in feed_mapping.owned_groups().items()
        for row in model.objects.all()
        for group in groups
    ]
    people = [str(row.pk) for row in feed_mapping.models_with("stream_user_data")[0].objects.all()]
    collections = [str(row.pk) for row in Collection.objects.all()]
    return {
        **{feed: normalized_items(feed) for feed in feeds},
        **{f"{feed} follows": set(api.follows_of(feed)) for feed in feeds},
        "users": api.get_users(people),
        "objects": api.get_objects("collections", collections),
    }


def normalized_items(feed):
    return [normalized(item) for page, _is_last in api.pages(feed) for item in page]


def normalized(item):
    """Return an activity or a group without its marks and origin."""
    left = {name: item[name] for name in item if name not in {"is_seen", "is_read", "origin"}}
    if "activities" in left:
        left["activities"] = [normalized(activity) for activity in left["activities"]]
    return left


def check(capsys, **options):
    """Return the differences that `check_feeds` prints."""
    with contextlib.suppress(CommandError):
        call_command("check_feeds", verbosity=0, **options)
    return capsys.readouterr().out.splitlines()


def repair(deliver, capsys):
    """Repair until nothing differs; return all differences, or fail."""
    rounds = []
    while found := check(capsys, repair=True):
        deliver()
        rounds.append(found)
        assert len(rounds) < MAX_ROUNDS, rounds
    return rounds


@pytest.mark.slow
def test_random_damage_is_repaired(deliver, capsys):
    make_site(deliver)
    assert check(capsys) == []
    before = read_stream()
    for case in range(CASES):
        with transaction.atomic():
            random = Random(case)
            done = [damage(random) for _ in range(random.randint(1, 6))]
            printed = repair(deliver, capsys)
            after = read_stream()
            wrong = {name: after[name] for name in after if after[name] != before[name]}
            assert not wrong, (case, done, printed, {name: before[name] for name in wrong})
            transaction.set_rollback(True)

"""Compare what the feeds hold with what the database says: each target exactly once."""

from collections import Counter, defaultdict
from itertools import chain

from django.contrib.auth import get_user_model
from stream.exceptions import StreamApiException

from collections_app.models import Collection, Content
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow

PAGE = 100


def differences(stream):
    """Return a line for each target that is not on the feeds as it is in the database.

    `stream` is a client. Timelines are right as long as nobody follows what holds more than the
    100 activities that are copied then.
    """
    parts = (activities, follows, people, objects, timelines, followers)
    compared = chain.from_iterable(part(stream) for part in parts)
    return [
        f"{what} holds {held} where the database says {expected}"
        for what, held, expected in compared
        if held != expected
    ]


def activities(stream):
    """Each flat feed that was ever written to: foreign ids."""
    expected = defaultdict(list)
    for feed_id, row in told():
        expected[feed_id].append(row.activity_foreign_id)
    keys = OutboxEntry.objects.values_list("key", flat=True).distinct()
    for feed_id in sorted({*expected, *keys}):
        held = [activity["foreign_id"] for activity in read_all(stream, feed_id)]
        yield feed_id, sorted(held), sorted(expected[feed_id])


def told():
    """Return (feed, row) for each activity of a flat feed."""
    for collection in Collection.objects.visible():
        yield f"user:{collection.author_id}", collection
    for link in Content.objects.visible().select_related("collection"):
        yield f"collection:{link.collection_id}", link
        yield f"links:{link.collection.author_id}", link
    for row in follow_rows():
        if row.activity_is_public:
            yield f"follow:{row.follower_id}", row


def follow_rows():
    people = Follow.objects.select_related("follower", "followed")
    return [*people, *CollectionFollow.objects.select_related("follower", "collection")]


def follows(stream):
    """Return what each timeline and each notification feed follows."""
    expected = defaultdict(list)
    for row in follow_rows():
        for source, target, _limit in row.stream_follows:
            expected[source].append(target)
    for source, targets in sorted(expected.items()):
        held = [follow["target_id"] for follow in read_follows(stream, source)]
        yield f"what {source} follows", sorted(held), sorted(targets)


def people(stream):
    for person in get_user_model().objects.order_by("pk"):
        held = read_one(stream.users.get, str(person.pk))
        yield f"user {person.pk}", held, person.stream_user_data


def objects(stream):
    for collection in Collection.objects.order_by("pk"):
        held = read_one(stream.collections.get, "collections", str(collection.pk))
        yield f"object {collection.pk}", held, collection.stream_object_data


def timelines(stream):
    """How many activities of each actor, verb and object a timeline holds."""
    held_by = defaultdict(Counter)
    for feed_id, row in told():
        held_by[feed_id][row.activity_actor, row.activity_verb, row.activity_object] += 1
    expected = defaultdict(Counter)
    for row in follow_rows():
        for source, target, _limit in row.stream_follows:
            if source.startswith("timeline:"):
                # What arrives by two ways is there once.
                expected[source] |= held_by[target]
    for feed_id, counter in sorted(expected.items()):
        yield feed_id, count_groups(stream, feed_id, "actor", "verb", "object"), counter


def followers(stream):
    """How many follows each notification feed tells of, by what is followed."""
    expected = defaultdict(Counter)
    for row in follow_rows():
        if row.activity_is_public:
            expected[f"notification:{row.owner_id}"][row.activity_verb, row.activity_object] += 1
    for person in get_user_model().objects.order_by("pk"):
        feed_id = f"notification:{person.pk}"
        held = count_groups(stream, feed_id, "verb", "object")
        # New collections come as they are delivered, and before or after a follow.
        told_of = Counter({pair: held[pair] for pair in held if pair[0] != "create"})
        yield feed_id, told_of, expected[feed_id]


def count_groups(stream, feed_id, *fields):
    """Return how many activities the groups of a feed have in all, by fields of their newest."""
    counter = Counter()
    for group in read_all(stream, feed_id):
        newest = group["activities"][0]
        counter[tuple(newest[field] for field in fields)] += group["activity_count"]
    return counter


def read_all(stream, feed_id):
    """Return all of a feed, page by page."""
    feed, found = stream.feed(*feed_id.split(":")), []
    while True:
        bounds = {"id_lt": found[-1]["id"]} if found else {}
        page = feed.get(limit=PAGE, **bounds)["results"]
        if not page:
            return found
        found += page


def read_follows(stream, feed_id):
    feed, found = stream.feed(*feed_id.split(":")), []
    while page := feed.following(offset=len(found), limit=PAGE)["results"]:
        found += page
    return found


def read_one(get, *arguments):
    """Return the data of a user or an object, or None where there is none."""
    try:
        return get(*arguments)["data"]
    except StreamApiException as error:
        if error.status_code != 404:
            raise
        return None

"""Suspending 20 people at once, and lifting them again: `python -m benchmarks.suspension`.

Each has 50 links in two collections and 1,000 followers, of whom a fifth follow a collection too,
and follows 50 people. Told are the two requests, as a moderator sends them from the list in the
admin with the reason that was asked for, the entries they leave in the outbox, and how long the
worker then takes until all is gone, or back as it was.
"""

import sys
import time
from datetime import timedelta

from benchmarks import runner

PEOPLE, COLLECTIONS, LINKS, FOLLOWERS, ALSO, FOLLOWING = 20, 2, 50, 1_000, 200, 50
READERS = 5_000
NEWS = ("timeline", "notification")


def measure():
    runner.set_up()
    make()
    runner.analyze()
    before = runner.peak_memory()
    keep_what_is_held()
    print(
        f"{PEOPLE} people with {LINKS} links, {FOLLOWERS:,} followers and {FOLLOWING} follows "
        f"each, {held():,} entries of feeds\n"
        f"{'':>8} {'answered ms':>12} {'of it CPU':>10} {'entries':>8} {'delivered s':>12} "
        f"{'of it CPU':>10} {'+MB':>6} {'speed ms':>9}"
    )
    for act, check in (("suspend", check_gone), ("lift", check_back)):
        report(act, before)
        check()


def report(act, before):
    from feeds.delivery import deliver_pending
    from feeds.models import OutboxEntry

    OutboxEntry.objects.all().delete()
    client, speed = moderator(), runner.speed()
    answered, busy = timed(lambda: post(client, act))
    entries = OutboxEntry.objects.count()
    delivered, delivering = timed(deliver_pending)
    if OutboxEntry.objects.exclude(state="delivered").exists():
        sys.exit("entries are left in the outbox")
    grown = runner.peak_memory() - before
    print(
        f"{act:>8} {answered:>12,.0f} {busy:>10,.0f} {entries:>8,} {delivered / 1000:>12,.1f} "
        f"{delivering / 1000:>10,.1f} {grown:>6.1f} {speed:>9.2f}",
        flush=True,
    )


def timed(act):
    """Return how many milliseconds `act` took, and for how many of them this process ran."""
    before = time.process_time()
    (taken,) = runner.timed(act, 1)
    return taken, (time.process_time() - before) * 1000


def moderator():
    """Return the client of a moderator who has looked at the list of people."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(username="moderator"))
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 200
    return client


def post(client, act):
    from django.contrib.auth import get_user_model
    from django.urls import reverse

    people = get_user_model().objects.filter(username__startswith="spam")
    chosen = {"action": act, "_selected_action": people.values_list("pk", flat=True)}
    answers = {**chosen, "confirmed": "1", "reason": "Spam."}
    answer = client.post(reverse("admin:accounts_user_changelist"), answers)
    assert answer.status_code == 302, answer


def make():
    """Make people with their links and followers, and all their feeds as the site makes them."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from accounts.services import confirm
    from feeds.delivery import deliver_pending

    Person = get_user_model()  # noqa: N806
    Person.objects.create_superuser("moderator", "moderator@example.org", "a password")
    readers = Person.objects.bulk_create(
        [
            Person(username=f"p{number}", email=f"p{number}@e.org", confirmed_at=timezone.now())
            for number in range(READERS)
        ],
        batch_size=1000,
    )
    people = [
        confirm(Person.objects.create(username=f"spam{number}", email=f"spam{number}@e.org"))
        for number in range(PEOPLE)
    ]
    deliver_pending()
    collections = [collection for person in people for collection in make_collections(person)]
    for number, person in enumerate(people):
        some = [readers[(number * 250 + step) % READERS] for step in range(FOLLOWERS)]
        make_followers(person, some, readers[number::100][:FOLLOWING])
    runner.analyze()  # before the fan-out: PostgreSQL plans by what it knows of the tables
    publish(people, collections)


def make_collections(person):
    from collections_app.models import Collection, Content

    made = Collection.objects.bulk_create(
        [
            Collection(author=person, name=f"Offers {number}", description="Buy.")
            for number in range(COLLECTIONS)
        ]
    )
    added = [row.created_at - timedelta(hours=hour) for row in made for hour in range(LINKS // 2)]
    Content.objects.bulk_create(
        [
            Content(
                collection=made[number % COLLECTIONS],
                title=f"Offer {number}",
                url=f"https://example.org/{number}",
                url_key=f"{number:064}",
                created_at=moment,
            )
            for number, moment in enumerate(added)
        ]
    )
    return made


def make_followers(person, followers, followed):
    """Let `followers` follow `person`, and `person` all `followed`: rows and feeds."""
    from follows.managers import adjust_follower_counts
    from follows.models import CollectionFollow, Follow

    offers = person.collections.first()
    rows = [
        *Follow.objects.bulk_create(
            [Follow(follower=row, followed=person) for row in followers]
            + [Follow(follower=person, followed=row) for row in followed]
        ),
        *CollectionFollow.objects.bulk_create(
            [
                CollectionFollow(follower=row, collection=collection, is_self=row == person)
                for row, collection in [
                    *((row, offers) for row in followers[:ALSO]),
                    *((person, collection) for collection in person.collections.all()),
                ]
            ]
        ),
    ]
    follow_feeds(pair for row in rows for pair in row.stream_follows)
    counts = {person.pk: len(followers), **{row.pk: 1 for row in followed}}
    adjust_follower_counts(type(person), counts)
    adjust_follower_counts(type(offers), {offers.pk: ALSO})


def follow_feeds(pairs):
    from feedserver.models import Feed, Follow

    pairs = [(source, target) for source, target, _limit in pairs]
    names = {name for pair in pairs for name in pair}
    Feed.objects.bulk_create(
        [Feed(slug=slug, user_id=key) for slug, key in (name.split(":") for name in names)],
        ignore_conflicts=True,
        batch_size=1000,
    )
    feeds = {str(feed): feed for feed in Feed.objects.iterator() if str(feed) in names}
    Follow.objects.bulk_create(
        [Follow(source=feeds[source], target=feeds[target]) for source, target in pairs],
        ignore_conflicts=True,
        batch_size=1000,
    )


def publish(people, collections):
    """Add what the people made, and that they follow, to their feeds: through the API."""
    from stream_django.client import stream_client

    for collection in collections:
        data = [{"id": str(collection.pk), **collection.stream_object_data}]
        stream_client.collections.upsert("collections", data)
        links = collection.contents.select_related("collection__author").order_by("created_at")
        user, feed = (
            stream_client.feed(slug, str(key))
            for slug, key in (("user", collection.author_id), ("collection", collection.pk))
        )
        user.add_activity(collection.create_activity())
        for link in links:
            feed.add_activity(link.create_activity())
    for person in people:
        feed = stream_client.feed("follow", str(person.pk))
        feed.add_activities(
            [row.create_activity() for row in person.follows.explicit().select_related("follower")]
        )


HELD = {
    "entries": """
        SELECT feed.slug, feed.user_id, entry.activity_id, origin.slug AS origin_slug,
            origin.user_id AS origin_id
        FROM feedserver_feedentry entry
        JOIN feedserver_feed feed ON feed.id = entry.feed_id
        JOIN feedserver_feed origin ON origin.id = entry.origin_id""",
    "groups": """
        SELECT feed.slug, feed.user_id, part.name, part.activity_count, part.actor_count,
            part.newest, part.oldest
        FROM feedserver_activitygroup part JOIN feedserver_feed feed ON feed.id = part.feed_id""",
    "counts": "SELECT id, follower_count FROM accounts_user",
}


def keep_what_is_held():
    """Write down every entry, group and count, to compare with later."""
    for name, query in HELD.items():
        ask(f"CREATE TABLE before_{name} AS {query}")


def check_gone():
    from feedserver.models import ActivityGroup, FeedEntry

    left = [rows.objects.filter(feed__slug__in=NEWS).count() for rows in (FeedEntry, ActivityGroup)]
    if any(left):
        sys.exit(f"{left} entries and groups are left of theirs")


def check_back():
    from feedserver.models import ActivityGroup

    for name, query in HELD.items():
        for one, other in ((f"SELECT * FROM before_{name}", query), (query, "before")):
            other = f"SELECT * FROM before_{name}" if other == "before" else other
            ((differing,),) = ask(f"SELECT COUNT(*) FROM ({one} EXCEPT {other}) differing")
            if differing:
                sys.exit(f"{differing} {name} are not as before")
    if ActivityGroup.objects.filter(is_seen=False).exists():
        sys.exit("what came back counts as unseen")


def ask(sql):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def held():
    from feedserver.models import FeedEntry

    return FeedEntry.objects.count()


if __name__ == "__main__":
    measure() if "--here" in sys.argv else runner.run_everywhere("benchmarks.suspension")

"""Deleting a collection of 1,000 links with 10,000 followers: `python -m benchmarks.deletion`.

Measured are the author's request, the entries it leaves in the outbox, and the time the worker
needs to remove everything from all timelines.
"""

import sys

from benchmarks import runner

FOLLOWERS, LINKS, LINKS_ON_TIMELINES, BATCH_SIZE = 10_000, 1_000, 10, 100


def measure():
    runner.set_up()
    from feeds.models import OutboxEntry
    from feeds.outbox.delivery import deliver_pending
    from feedserver.models import Activity, ActivityGroup, FeedEntry

    collection = make_collection()
    runner.analyze()
    entry_count = FeedEntry.objects.count()
    if entry_count < FOLLOWERS * LINKS_ON_TIMELINES:
        sys.exit(f"only {entry_count} entries to delete")
    OutboxEntry.objects.all().delete()
    before = runner.peak_memory()
    (answered,) = runner.timed(lambda: delete(collection), 1)
    entries = OutboxEntry.objects.count()
    (delivered,) = runner.timed(deliver_pending, 1)
    left = [model.objects.count() for model in (Activity, ActivityGroup, FeedEntry)]
    pending = OutboxEntry.objects.exclude(state="delivered").count()
    if any(left) or pending:
        sys.exit(f"{left} activities, groups and entries are left, {pending} entries are pending")
    grown = runner.peak_memory() - before
    print(f"{FOLLOWERS:,} followers, {LINKS:,} links, {entry_count:,} entries of feeds")
    print(
        f"answered in {answered:,.0f} ms with {entries} outbox entries, "
        f"all gone after {delivered / 1000:,.1f} s, +{grown:.1f} MB",
        flush=True,
    )


def make_collection():
    """Return a collection whose links are in its feed, the newest also on all timelines."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone
    from stream_django.client import stream_client

    from accounts.services import confirm
    from collections_app.models import Collection, Content
    from feedserver.models import Feed, Follow
    from follows.models import CollectionFollow

    Person = get_user_model()  # noqa: N806
    author = confirm(Person.objects.create(username="author", email="author@example.org"))
    collection = Collection(author=author, name="Typography", description="Letters.")
    Collection.objects.bulk_create([collection])
    collection = Collection.objects.get()
    Content.objects.bulk_create(
        [
            Content(
                collection=collection,
                title=f"Link {number}",
                url=f"https://example.org/{number}",
                url_key=f"{number:064}",
            )
            for number in range(LINKS)
        ]
    )
    people = Person.objects.bulk_create(
        [
            Person(username=f"p{number}", email=f"p{number}@e.org", confirmed_at=timezone.now())
            for number in range(FOLLOWERS)
        ],
        batch_size=1000,
    )
    CollectionFollow.objects.bulk_create(
        [CollectionFollow(follower=person, collection=collection) for person in people],
        batch_size=1000,
    )
    feed = stream_client.feed("collection", str(collection.pk))
    links = [link.create_activity() for link in Content.objects.order_by("pk")]
    older, newest = links[:-LINKS_ON_TIMELINES], links[-LINKS_ON_TIMELINES:]
    for start in range(0, len(older), BATCH_SIZE):
        feed.add_activities(older[start : start + BATCH_SIZE])
    readers = Feed.objects.bulk_create(
        [Feed(slug="timeline", user_id=str(person.pk)) for person in people], batch_size=1000
    )
    target = Feed.objects.get(slug="collection", user_id=str(collection.pk))
    Follow.objects.bulk_create(
        [Follow(source=reader, target=target) for reader in readers], batch_size=1000
    )
    runner.analyze()  # before the fan-out, whose plans depend on it
    for link in newest:
        feed.add_activity(link)
    return collection


def delete(collection):
    from django.test import Client
    from django.urls import reverse

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(collection.author)
    answer = client.post(reverse("collections:delete", args=[collection.pk]))
    assert answer.status_code == 302, answer


if __name__ == "__main__":
    measure() if "--here" in sys.argv else runner.run_everywhere("benchmarks.deletion")

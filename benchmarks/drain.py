"""100,000 entries that wait are delivered: `python -m benchmarks.drain`.

What a community leaves behind while Stream is out of reach: its people, collections and follows are
known there; meanwhile they added links, followed each other, changed names and made collections.
One worker drains it on SQLite, four on PostgreSQL, each `manage.py deliver_feeds --once` in a
process of its own. Told are entries a second and the memory of the workers over time.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import runner

# What there was of each person, and what each did meanwhile: 50 entries.
COLLECTIONS, FOLLOWED = 2, 2
LINKS, NEW_LINKS, NEW_FOLLOWS = 18, 4, 2
ENTRIES_OF_ONE = 50
DEFAULT = 100_000
GROUPS = ("user", "links", "follow", "timeline", "notification")
SAMPLE_SECONDS = 5


def measure(entries):
    os.environ["FEEDS_DELIVERY"] = "worker"
    runner.set_up()
    from django.db import connection

    from feeds.models import OutboxEntry

    make(entries // ENTRIES_OF_ONE)
    runner.analyze()
    pending = OutboxEntry.objects.filter(state="pending")
    count, workers = pending.count(), 1 if connection.vendor == "sqlite" else 4
    load = os.getloadavg()[0]
    print(
        f"{count:,} entries, workers: {workers}, runner.speed {runner.speed():.1f}, load {load:.1f}"
    )
    started = time.perf_counter()
    processes = [start_worker() for _ in range(workers)]
    try:
        of_database = watch(processes, pending, started, count)
    finally:
        for process in processes:
            process.terminate()
    taken = time.perf_counter() - started
    check(count)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = used.ru_utime + used.ru_stime + of_database
    print(f"{count / taken:,.0f} entries a second: {taken:,.0f} s, load {os.getloadavg()[0]:.1f}")
    print(f"{count / worked:,.0f} entries a second of a processor: {worked:,.0f} s", flush=True)


def start_worker():
    return subprocess.Popen([sys.executable, "manage.py", "deliver_feeds", "--once"])


def watch(processes, pending, started, count):
    """Print what is left and the memory of the workers until all have ended.

    Returns how many seconds a processor has worked for their connections to the database.
    """
    print(f"{'seconds':>8} {'delivered':>10} {'MB of each worker':>20}")
    worked = {}
    while any(process.poll() is None for process in processes):
        time.sleep(SAMPLE_SECONDS)
        memory = " ".join(f"{size:.0f}" for process in processes if (size := held_by(process)))
        passed, left = time.perf_counter() - started, pending.count()
        worked |= work_of_database()
        print(f"{passed:>8.0f} {count - left:>10,} {memory:>20}", flush=True)
    if any(process.returncode for process in processes):
        sys.exit("a worker failed")
    return sum(worked.values())


def held_by(process):
    """Return the memory that a process holds just now in MB, None once it has ended."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("VmRSS")]
    return int(sizes[0]) / 1024 if sizes else None


def work_of_database():
    """Return for how long a processor has worked for each of the workers' connections."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    files = {pid: Path(f"/proc/{pid}/schedstat") for pid in pids}
    return {
        pid: int(file.read_text().split()[0]) / 1e9 for pid, file in files.items() if file.exists()
    }


def check(count):
    """Stop unless everything is on Stream."""
    from collections_app.models import Content
    from feeds.models import OutboxEntry
    from feedserver.models import Activity, Follow, StreamObject

    delivered = OutboxEntry.objects.filter(state="delivered").count()
    people = count // ENTRIES_OF_ONE
    there = (Activity.objects.count(), StreamObject.objects.count(), Follow.objects.count())
    expected = (
        Content.objects.count() + people * (1 + NEW_FOLLOWS),
        people * (COLLECTIONS + 1),
        people * (COLLECTIONS + 1 + 3 * (1 + FOLLOWED + NEW_FOLLOWS)),
    )
    if delivered != count or there != expected:
        sys.exit(f"{delivered} of {count} delivered, {there} there, not {expected}")


def make(number):
    """Write a community of `number` people, and what waits to be told of what they did."""
    people = make_people(number)
    collections = make_collections(people * COLLECTIONS)
    known = [*self_follows(people, collections), *make_follows(people, 0, FOLLOWED)]
    put_on_stream(people, collections, known)
    act(people, collections)


def act(people, collections):
    """Let everybody do what they did, and write its entries as saving writes them."""
    from stream_django.feed_manager import feed_manager

    for start in range(LINKS):
        feed_manager.saved_many(make_links(collections, start))
    for person in people:
        feed_manager.set_user(person)
    for collection in collections[: len(people)]:
        feed_manager.set_object(collection)
        feed_manager.saved(collection, created=False)
    follows = make_follows(people, FOLLOWED, NEW_FOLLOWS)
    feed_manager.followed(follows)
    feed_manager.saved_many(follows)
    made = make_collections(people)
    for collection in made:
        feed_manager.set_object(collection)
    feed_manager.saved_many(made)
    feed_manager.followed(self_follows([], made))
    for start in range(NEW_LINKS):
        feed_manager.saved_many(make_links(made, start))


def make_people(number):
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    Person = get_user_model()  # noqa: N806
    rows = [
        Person(username=f"p{one}", email=f"p{one}@e.org", confirmed_at=timezone.now())
        for one in range(number)
    ]
    return Person.objects.bulk_create(rows, batch_size=500)


def make_collections(authors):
    from collections_app.models import Collection

    rows = [Collection(author=one, name="Typography", description="Letters.") for one in authors]
    return Collection.objects.bulk_create(rows, batch_size=500)


def make_links(collections, start):
    """Return a new link of each collection; `start` is a number that none of its links has."""
    from collections_app.models import Content

    rows = [
        Content(
            collection=collection,
            title=f"Link {start} of {collection.pk}",
            url=f"https://example.org/{collection.pk}/{start}",
            url_key=f"{collection.pk:050}{start:014}",
        )
        for collection in collections
    ]
    return Content.objects.bulk_create(rows, batch_size=500)


def self_follows(people, collections):
    from follows.models import CollectionFollow, Follow

    own = [Follow(follower=one, followed=one, is_self=True) for one in people]
    of_collections = [
        CollectionFollow(follower=one.author, collection=one, is_self=True) for one in collections
    ]
    return [
        *Follow.objects.bulk_create(own, batch_size=500),
        *CollectionFollow.objects.bulk_create(of_collections, batch_size=500),
    ]


def make_follows(people, first, count):
    """Let everybody follow `count` others, who are `first` and more places away."""
    from follows.models import Follow

    rows = [
        Follow(follower=one, followed=people[(number + 7 * (first + step) + 1) % len(people)])
        for number, one in enumerate(people)
        for step in range(count)
    ]
    return Follow.objects.bulk_create(rows, batch_size=500)


def put_on_stream(people, collections, follows):
    """Let the feed server know a community, without its activities."""
    from feedserver.models import Feed, Follow, StreamObject, StreamUser

    names = [(group, one.pk) for one in people for group in GROUPS]
    names += [("collection", collection.pk) for collection in collections]
    feeds = Feed.objects.bulk_create(
        [Feed(slug=slug, user_id=str(pk)) for slug, pk in names], batch_size=500
    )
    by_name = {f"{feed.slug}:{feed.user_id}": feed for feed in feeds}
    Follow.objects.bulk_create(
        [
            Follow(source=by_name[source], target=by_name[target])
            for follow in follows
            for source, target, _ in follow.stream_follows
        ],
        batch_size=500,
    )
    StreamUser.objects.bulk_create([StreamUser(id=str(one.pk)) for one in people], batch_size=500)
    StreamObject.objects.bulk_create(
        [StreamObject(collection="collections", object_id=str(one.pk)) for one in collections],
        batch_size=500,
    )


if __name__ == "__main__":
    runner.main("benchmarks.drain", __doc__, measure, entries=DEFAULT)

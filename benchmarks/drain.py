"""Delivery of 100,000 pending entries: `python -m benchmarks.drain`.

They are those of an outage of Stream: people, collections and follows are on Stream already, and
during the outage people added links, followed each other, changed names and made collections. One
worker delivers them on SQLite, four on PostgreSQL, each `manage.py deliver_feeds --once` in its own
process. Measured are entries per second and the memory of the workers over time.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import runner

# Rows of each person before the outage, and rows that each added during it: 50 entries.
COLLECTIONS, FOLLOWED = 2, 2
LINKS, NEW_LINKS, NEW_FOLLOWS = 18, 4, 2
ENTRIES_PER_PERSON = 50
DEFAULT_ENTRIES = 100_000
GROUPS = ("user", "links", "follow", "timeline", "notification")
SAMPLE_SECONDS = 5


def measure(entries):
    os.environ["FEEDS_DELIVERY"] = "worker"
    runner.set_up()
    from django.db import connection

    from feeds.models import OutboxEntry

    make_outage(entries // ENTRIES_PER_PERSON)
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
        database_seconds = watch(processes, pending, started, count)
    finally:
        for process in processes:
            process.terminate()
    taken = time.perf_counter() - started
    check(count)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = used.ru_utime + used.ru_stime + database_seconds
    print(f"{count / taken:,.0f} entries a second: {taken:,.0f} s, load {os.getloadavg()[0]:.1f}")
    print(f"{count / busy:,.0f} entries a second of a processor: {busy:,.0f} s", flush=True)


def start_worker():
    return subprocess.Popen([sys.executable, "manage.py", "deliver_feeds", "--once"])


def watch(processes, pending, started, count):
    """Print progress and the memory of the workers until all have ended.

    Returns the processor time of their database connections in seconds.
    """
    print(f"{'seconds':>8} {'delivered':>10} {'MB of each worker':>20}")
    busy = {}
    while any(process.poll() is None for process in processes):
        time.sleep(SAMPLE_SECONDS)
        memory = " ".join(f"{size:.0f}" for process in processes if (size := memory_of(process)))
        passed, left = time.perf_counter() - started, pending.count()
        busy |= database_processor_time()
        print(f"{passed:>8.0f} {count - left:>10,} {memory:>20}", flush=True)
    if any(process.returncode for process in processes):
        sys.exit("a worker failed")
    return sum(busy.values())


def memory_of(process):
    """Return the current memory of a process in MB, or None if it has ended."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("VmRSS")]
    return int(sizes[0]) / 1024 if sizes else None


def database_processor_time():
    """Return the processor time in seconds of each worker's connection, by process id."""
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
    """Exit unless everything is on Stream."""
    from collections_app.models import Content
    from feeds.models import OutboxEntry
    from feedserver.models import Activity, Follow, StreamObject

    delivered = OutboxEntry.objects.filter(state="delivered").count()
    people = count // ENTRIES_PER_PERSON
    counts = (Activity.objects.count(), StreamObject.objects.count(), Follow.objects.count())
    expected = (
        Content.objects.count() + people * (1 + NEW_FOLLOWS),
        people * (COLLECTIONS + 1),
        people * (COLLECTIONS + 1 + 3 * (1 + FOLLOWED + NEW_FOLLOWS)),
    )
    if delivered != count or counts != expected:
        sys.exit(f"{delivered} of {count} delivered, {counts} on Stream, not {expected}")


def make_outage(number):
    """Create `number` people, and pending entries of their actions during an outage."""
    people = make_people(number)
    collections = make_collections(people * COLLECTIONS)
    follows = [*make_self_follows(people, collections), *make_follows(people, 0, FOLLOWED)]
    publish(people, collections, follows)
    queue_changes(people, collections)


def queue_changes(people, collections):
    """Create rows of each person, and queue the entries that saving them queues."""
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
    feed_manager.followed(make_self_follows([], made))
    for start in range(NEW_LINKS):
        feed_manager.saved_many(make_links(made, start))


def make_people(number):
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    Person = get_user_model()  # noqa: N806
    rows = [
        Person(username=f"p{index}", email=f"p{index}@e.org", confirmed_at=timezone.now())
        for index in range(number)
    ]
    return Person.objects.bulk_create(rows, batch_size=500)


def make_collections(authors):
    from collections_app.models import Collection

    rows = [Collection(author=row, name="Typography", description="Letters.") for row in authors]
    return Collection.objects.bulk_create(rows, batch_size=500)


def make_links(collections, start):
    """Return a new link of each collection; `start` is a number that none of its links uses."""
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


def make_self_follows(people, collections):
    from follows.models import CollectionFollow, Follow

    follows = [Follow(follower=row, followed=row, is_self=True) for row in people]
    collection_follows = [
        CollectionFollow(follower=row.author, collection=row, is_self=True) for row in collections
    ]
    return [
        *Follow.objects.bulk_create(follows, batch_size=500),
        *CollectionFollow.objects.bulk_create(collection_follows, batch_size=500),
    ]


def make_follows(people, first, count):
    """Let each person follow `count` others, starting at distance `first`."""
    from follows.models import Follow

    rows = [
        Follow(follower=row, followed=people[(number + 7 * (first + step) + 1) % len(people)])
        for number, row in enumerate(people)
        for step in range(count)
    ]
    return Follow.objects.bulk_create(rows, batch_size=500)


def publish(people, collections, follows):
    """Write feeds, follows, users and objects into the feed server, without activities."""
    from feedserver.models import Feed, Follow, StreamObject, StreamUser

    names = [(group, row.pk) for row in people for group in GROUPS]
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
    StreamUser.objects.bulk_create([StreamUser(id=str(row.pk)) for row in people], batch_size=500)
    StreamObject.objects.bulk_create(
        [StreamObject(collection="collections", object_id=str(row.pk)) for row in collections],
        batch_size=500,
    )


if __name__ == "__main__":
    runner.main("benchmarks.drain", __doc__, measure, entries=DEFAULT_ENTRIES)

"""`kill -9` at random moments: `python -m benchmarks.crashes`.

First workers: two of them deliver the entries of hundreds of added, changed and removed links, and
are killed repeatedly while they work. Then processes of the site, which save links and deliver them
inline: each is killed at a random moment, every second one exactly between commit and delivery.
After each round all leases end. At the end everything committed must be on its feed once, and each
feed must have received its changes in the order they were written.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import runner

ROUNDS, WORKERS, FEEDS, ENTRIES = 50, 2, 12, 40
MAX_START_SECONDS, MAX_LIFE_SECONDS = 300, 0.4
POLL_SECONDS = 0.005
# The program of a site's process: it saves links into one collection until it is killed.
SITE_PROGRAM = """
import os, signal, sys
import django
django.setup()
from django.db import transaction
from collections_app.models import Collection
from collections_app.services import add_link
collection = Collection.objects.get(pk=int(sys.argv[1]))
is_killed_after_commit = sys.argv[2] == "exactly"
print("ready", flush=True)
for number in range(10_000):
    with transaction.atomic():
        if is_killed_after_commit and number == 3:
            transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
        address = f"https://example.org/{os.getpid()}/{number}"
        add_link(collection=collection, url=address, title=f"Link {number}")
"""


def measure(rounds):
    folder = tempfile.mkdtemp()
    recording = Path(folder) / "recording"
    recording.touch()
    os.environ["RECORDING"] = str(recording)
    os.environ["FEEDS_DELIVERY"] = "worker"
    runner.set_up("benchmarks.crash_settings")
    collections = make_collections()
    killed = sum(kill_workers(collections, recording) for _ in range(rounds))
    print(f"workers: {rounds} rounds, {killed} killed at work", flush=True)
    drain_and_check(recording)
    os.environ["FEEDS_DELIVERY"] = "inline"
    left = [kill_site(collections[0], number) for number in range(rounds)]
    print(f"site: {rounds} rounds, {sum(map(bool, left))} left entries undelivered", flush=True)
    sent, repeated = drain_and_check(recording)
    print(
        f"nothing lost, nothing twice, {sent:,} changes of feeds in order, "
        f"{repeated:,} of them repeated"
    )


def make_collections():
    from django.contrib.auth import get_user_model

    from accounts.services import confirm
    from collections_app.services import create_collection

    author = get_user_model().objects.create(username="author", email="author@example.org")
    confirm(author)
    return [
        create_collection(author=author, name=f"Number {number}", description="Letters.")
        for number in range(FEEDS)
    ]


def kill_workers(collections, recording):
    """Start workers on new entries and kill them; return how many were busy."""
    from feeds.models import OutboxEntry

    change_links(collections)
    claimed = OutboxEntry.objects.filter(state="pending").exclude(claim=None)
    before = recording.stat().st_size
    command = [sys.executable, "manage.py", "deliver_feeds"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.crash_settings"}
    workers = [subprocess.Popen(command, env=environment) for _ in range(WORKERS)]
    try:
        wait_until(lambda: recording.stat().st_size > before)
        time.sleep(random.uniform(0, MAX_LIFE_SECONDS))  # noqa: S311
        was_busy = claimed.exists()
    finally:
        for worker in workers:
            kill(worker)
    end_leases()
    return WORKERS * was_busy


def change_links(collections):
    """Add, change and delete links at random."""
    from collections_app.models import Content
    from collections_app.services import add_link, delete_link, update_link

    for _ in range(ENTRIES):
        collection = random.choice(collections)  # noqa: S311
        link = Content.objects.filter(collection=collection).order_by("?").first()
        choice = random.random()  # noqa: S311
        if link and choice < 0.2:
            delete_link(link=link)
        elif link and choice < 0.4:
            update_link(link=link, url=link.url, title=f"{choice}", description="")
        else:
            url = f"https://example.org/{time.time_ns()}"
            add_link(collection=collection, url=url, title="A link")


def kill_site(collection, number):
    """Kill a process that saves links; return how many entries it left pending."""
    from feeds.models import OutboxEntry

    moment = "exactly" if number % 2 else "anywhere"
    command = [sys.executable, "-c", SITE_PROGRAM, str(collection.pk), moment]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.crash_settings"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    if moment == "exactly":
        process.wait(MAX_START_SECONDS)
    else:
        time.sleep(random.uniform(0, MAX_LIFE_SECONDS))  # noqa: S311
    kill(process)
    end_leases()
    left = OutboxEntry.objects.filter(state="pending").count()
    if moment == "exactly" and not left:
        sys.exit("a process that was killed after its commit left nothing")
    return left


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def end_leases():
    """End all leases, as if their minute had passed."""
    from django.utils import timezone

    from feeds.models import OutboxEntry

    OutboxEntry.objects.exclude(claimed_until=None).update(claimed_until=timezone.now())


def wait_until(condition):
    until = time.monotonic() + MAX_START_SECONDS
    while not condition():
        if time.monotonic() > until:
            sys.exit("no worker began")
        time.sleep(POLL_SECONDS)


def drain_and_check(recording):
    """Deliver the pending entries and compare; return the result of `check_order`."""
    from feeds.models import OutboxEntry
    from feeds.outbox.delivery import deliver_pending

    deliver_pending()
    states = set(OutboxEntry.objects.values_list("state", flat=True))
    if states != {"delivered"}:
        sys.exit(f"entries are {states}")
    check_feeds()
    return check_order(recording)


def check_feeds():
    """Exit unless the feeds have every link once in its current state, and groups count them."""
    from django.db.models import Count, F

    from collections_app.models import Content
    from feedserver.models import ActivityGroup, FeedEntry

    entries = FeedEntry.objects.filter(feed__slug="collection").order_by("activity__foreign_id")
    rows = entries.values_list("feed__user_id", "activity__foreign_id", "activity__data")
    expected = sorted(
        (str(link.collection_id), f"collections_app.Content:{link.pk}", link.title)
        for link in Content.objects.all()
    )
    if sorted((feed, name, data["title"]) for feed, name, data in rows) != expected:
        sys.exit(f"{len(rows)} activities of {len(expected)} links are not the same")
    groups = ActivityGroup.objects.annotate(entry_count=Count("entries__activity", distinct=True))
    if groups.exclude(entry_count=F("activity_count")).exists():
        sys.exit("a group counts what it does not hold")


def check_order(recording):
    """Exit unless each feed received its changes in the order of the outbox.

    Returns the number of changes sent, and how many of them were sent before by a killed process.
    """
    entry_keys, sent, repeated = entry_keys_by_change(), 0, 0
    last_by_process, sent_by_feed = {}, {}
    for line in recording.read_text().splitlines():
        process, feed, operation, names = json.loads(line)
        known = sent_by_feed.setdefault(feed, set())
        for name in names:
            key, sent = entry_keys[feed, operation, name], sent + 1
            if key <= last_by_process.get((process, feed), -1):
                sys.exit(f"{feed} received {operation} {name} again from the same process")
            last_by_process[process, feed] = key
            repeated += key in known
            if key not in known and known and key < max(known):
                sys.exit(f"{feed} received {operation} {name} too late")
            known.add(key)
    return sent, repeated


def entry_keys_by_change():
    """Return the primary key of the outbox entry of each change of a feed."""
    from feeds.models import OutboxEntry

    entries = OutboxEntry.objects.filter(operation__in=["add", "remove"]).order_by("id")
    return {(entry.key, entry.operation, entry.subject): entry.pk for entry in entries}


if __name__ == "__main__":
    runner.main("benchmarks.crashes", __doc__, measure, rounds=ROUNDS)

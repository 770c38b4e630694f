"""`kill -9` at random moments: `python -m benchmarks.crashes`.

First the workers: two deliver what hundreds of links, removals and changes left in the outbox, and
are killed again and again while they are busy. Then processes as the site's, which save links and
deliver at once: each is killed somewhere, every other one exactly between commit and delivery.
After each round the minute of their leases is taken as passed. At the end everything that was
committed must be on its feed, once, and each feed must have been told in the order written.
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
LONGEST_START, LONGEST_LIFE = 300, 0.4
WAIT = 0.005
# How the process of a round is started: it saves links into one collection until it is killed.
SITE = """
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
    told, again = drain_and_check(recording)
    print(
        f"nothing lost, nothing twice, {told:,} changes of feeds in order, {again:,} of them again"
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
    """Let workers begin with what is written now, kill them; return how many were at work."""
    from feeds.models import OutboxEntry

    write(collections)
    claimed = OutboxEntry.objects.filter(state="pending").exclude(claim=None)
    before = recording.stat().st_size
    command = [sys.executable, "manage.py", "deliver_feeds"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.crash_settings"}
    workers = [subprocess.Popen(command, env=environment) for _ in range(WORKERS)]
    try:
        wait_until(lambda: recording.stat().st_size > before)
        time.sleep(random.uniform(0, LONGEST_LIFE))  # noqa: S311
        was_busy = claimed.exists()
    finally:
        for worker in workers:
            kill(worker)
    let_leases_end()
    return WORKERS * was_busy


def write(collections):
    """Write what is told of some links that come, change and go."""
    from collections_app.models import Content
    from collections_app.services import add_link, delete_link, update_link

    for _ in range(ENTRIES):
        collection = random.choice(collections)  # noqa: S311
        some = Content.objects.filter(collection=collection).order_by("?").first()
        act = random.random()  # noqa: S311
        if some and act < 0.2:
            delete_link(link=some)
        elif some and act < 0.4:
            update_link(link=some, url=some.url, title=f"{act}", description="")
        else:
            url = f"https://example.org/{time.time_ns()}"
            add_link(collection=collection, url=url, title="A link")


def kill_site(collection, number):
    """Kill a process that saves links; return how many entries it left to the worker."""
    from feeds.models import OutboxEntry

    how = "exactly" if number % 2 else "anywhere"
    command = [sys.executable, "-c", SITE, str(collection.pk), how]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.crash_settings"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    if how == "exactly":
        process.wait(LONGEST_START)
    else:
        time.sleep(random.uniform(0, LONGEST_LIFE))  # noqa: S311
    kill(process)
    let_leases_end()
    left = OutboxEntry.objects.filter(state="pending").count()
    if how == "exactly" and not left:
        sys.exit("a process that was killed after its commit left nothing")
    return left


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def let_leases_end():
    """Do what the time does for entries of the dead: their minute is over."""
    from django.utils import timezone

    from feeds.models import OutboxEntry

    OutboxEntry.objects.exclude(claimed_until=None).update(claimed_until=timezone.now())


def wait_until(condition):
    until = time.monotonic() + LONGEST_START
    while not condition():
        if time.monotonic() > until:
            sys.exit("no worker began")
        time.sleep(WAIT)


def drain_and_check(recording):
    """Deliver what is left and compare; return what `check_order` returns."""
    from feeds.models import OutboxEntry
    from feeds.outbox.delivery import deliver_pending

    deliver_pending()
    states = set(OutboxEntry.objects.values_list("state", flat=True))
    if states != {"delivered"}:
        sys.exit(f"entries are {states}")
    check_feeds()
    return check_order(recording)


def check_feeds():
    """Stop unless feeds hold what there is, each once and as it is now, and groups count that."""
    from django.db.models import Count, F

    from collections_app.models import Content
    from feedserver.models import ActivityGroup, FeedEntry

    held = FeedEntry.objects.filter(feed__slug="collection").order_by("activity__foreign_id")
    told = held.values_list("feed__user_id", "activity__foreign_id", "activity__data")
    expected = sorted(
        (str(link.collection_id), f"collections_app.Content:{link.pk}", link.title)
        for link in Content.objects.all()
    )
    if sorted((feed, name, data["title"]) for feed, name, data in told) != expected:
        sys.exit(f"{len(told)} activities of {len(expected)} links are not the same")
    groups = ActivityGroup.objects.annotate(held=Count("entries__activity", distinct=True))
    if groups.exclude(held=F("activity_count")).exists():
        sys.exit("a group counts what it does not hold")


def check_order(recording):
    """Stop unless each feed was told its changes in the order written.

    Returns how many were told, and how many of these again, for who told them first was killed.
    """
    written, told, again = entries_by_feed(), 0, 0
    lives, first_told = {}, {}
    for line in recording.read_text().splitlines():
        process, feed, act, names = json.loads(line)
        known = first_told.setdefault(feed, set())
        for name in names:
            number, told = written[feed, act, name], told + 1
            if number <= lives.get((process, feed), -1):
                sys.exit(f"{feed} was told {act} {name} again by the same process")
            lives[process, feed] = number
            again += number in known
            if number not in known and known and number < max(known):
                sys.exit(f"{feed} was told {act} {name} too late")
            known.add(number)
    return told, again


def entries_by_feed():
    """Return the number of the entry that each change of a feed comes from."""
    from feeds.models import OutboxEntry

    entries = OutboxEntry.objects.filter(operation__in=["add", "remove"]).order_by("id")
    return {(entry.key, entry.operation, entry.subject): entry.pk for entry in entries}


if __name__ == "__main__":
    runner.main("benchmarks.crashes", __doc__, measure, rounds=ROUNDS)

"""10,000 links are imported while others read and write: `python -m benchmarks.importing`.

The site as `make run` starts it: granian with 8 threads, the worker of the feeds, that of tasks.
Twenty people read and write for `--seconds` (60) with nothing else going on, then from the upload
of a file of 10,000 bookmarks in 25 folders until all are on their feeds, then alone again: pages
during the import are compared with those around it. At the end what was imported is exported,
brought in by somebody else, and compared link by link. SQLite, then PostgreSQL.
"""

import io
import os
import sys
import threading
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from benchmarks import runner
from benchmarks.town import SETTINGS, SIZE, Town, parser

HERE = Path(__file__).parent
LINKS, FOLDERS = 10_000, 25
START, STEP = datetime(2020, 1, 1, tzinfo=UTC), timedelta(minutes=7, seconds=1)
# What the budget is: of an idle site's p95.
RATIO = 1.2
LONGEST_IMPORT = 900


def measure(options):
    os.environ |= SETTINGS
    runner.set_up()
    manage = [sys.executable, "manage.py"]
    with (
        runner.serving("socialnet.wsgi:application", HERE.parent, {}, SIZE) as port,
        runner.running([*manage, "deliver_feeds"], HERE.parent, {}),
        runner.running([*manage, "db_worker", "--no-reload"], HERE.parent, {}),
    ):
        town = Town(f"http://127.0.0.1:{port}", seconds=options.seconds, pause=options.pause)
        town.run("warm-up", town.seconds / 6)
        wait_for_feeds()
        before = town.run("idle")
        wait_for_feeds()
        busy, seconds = import_meanwhile(town)
        after = town.run("idle")
        problems = report(before + after, busy, seconds)
        problems += bring_back(town.people[0])
    sys.exit("\n".join(["", *problems]) if problems else 0)


def import_meanwhile(town):
    """Upload a file and let people go on until it is imported; return Phase and seconds taken."""
    busy, seconds, done = [], [], threading.Event()

    def go_on():
        while not done.is_set():
            busy.append(town.run("importing", 5))

    person, readers = town.people[0], threading.Thread(target=go_on)
    readers.start()
    try:
        time.sleep(1)
        started = time.monotonic()
        upload(person, bookmarks_file())
        wait_for_import(person.pk)
        seconds.append(time.monotonic() - started)
        wait_for_feeds()
        seconds.append(time.monotonic() - started)
    finally:
        done.set()
        readers.join()
    return sum(busy[1:], busy[0]), seconds


def upload(person, data):
    address = f"{person.town.address}/collections/import/"
    files = {"file": ("bookmarks.html", data, "text/html")}
    answer = person.browser.post(address, files=files, allow_redirects=False, timeout=60)
    if answer.status_code != requests.codes.found:
        sys.exit(f"{answer.status_code} for the upload")


def bookmarks_file():
    from collections_app import bookmarks

    def links(folder):
        for number in range(folder, LINKS, FOLDERS):
            url = f"https://host{number % 997}.example.org/{number}?a=1&b=ü"
            added = int((START + STEP * number).timestamp())
            title = f"Page {number}: <b>words</b> & “more” of them"
            yield bookmarks.Bookmark(folder, url, 0, added, title, f"What it is about: {number}")

    folders = [(bookmarks.Folder(f"Folder {n}", "Of old."), links(n)) for n in range(FOLDERS)]
    return "\n".join(bookmarks.write(folders)).encode()


def wait_for_import(person):
    from collections_app.models import BookmarkImport

    wait_until(lambda: not BookmarkImport.objects.unfinished().filter(person=person).exists())


def wait_for_feeds():
    from feeds.models import OutboxEntry

    left = OutboxEntry.objects.filter(state=OutboxEntry.State.PENDING)
    wait_until(lambda: not left.exists())


def wait_until(is_so):
    ends = time.monotonic() + LONGEST_IMPORT
    while not is_so():
        if time.monotonic() > ends:
            sys.exit(f"not done after {LONGEST_IMPORT} s")
        time.sleep(0.5)


def report(idle, busy, seconds):
    """Print both, and return what the budget says against the pages during the import."""
    print(f"{'':10}{'pages':>7}{'errors':>7}{'p50':>7}{'p95':>7}{'p99':>7}")
    for phase in (idle, busy):
        figures = [figure(phase.pages) for figure in (runner.p50, runner.p95, runner.p99)]
        print(f"{phase.name:10}{len(phase.pages):7}{len(phase.errors):7}", end="")
        print("{:7.0f}{:7.0f}{:7.0f}".format(*figures))
    p50 = runner.p50(busy.pages) / runner.p50(idle.pages)
    p95 = runner.p95(busy.pages) / runner.p95(idle.pages)
    print(f"importing / idle: p50 {p50:.2f}, p95 {p95:.2f}; ", end="")
    print("{:.0f} s until imported, {:.0f} s until on the feeds".format(*seconds))
    print(f"load {os.getloadavg()[0]:.1f}, speed {runner.speed():.1f} ms", flush=True)
    problems = [*idle.errors, *busy.errors][:20]
    if max(p50, p95) > RATIO:
        problems.append(f"pages took {p50:.2f} (p50) and {p95:.2f} (p95) of an idle site's time")
    return problems


def bring_back(person):
    """Export all of `person`, import it as somebody new, and return what differs."""
    from django.contrib.auth import get_user_model

    from accounts.services import confirm
    from collections_app import imports
    from socialnet import takeout

    people = get_user_model().objects
    with zipfile.ZipFile(io.BytesIO(takeout.write(people.get(pk=person.pk)).read())) as taken:
        data = taken.read("bookmarks.html")
    other = confirm(people.create(username="newcomer", email="newcomer@example.org"))
    started = time.monotonic()
    imports.start(person=other, file_name="bookmarks.html", data=data)
    wait_for_import(other.pk)
    took = time.monotonic() - started
    given, got = links_of(person.pk), links_of(other.pk)
    print(f"{len(given):,} links exported, {len(got):,} imported again in {took:.0f} s", end=", ")
    print(f"{len(given ^ got)} differ", flush=True)
    return [str(row) for row in sorted(given ^ got)[:20]]


def links_of(person):
    from collections_app.models import Content

    rows = Content.objects.filter(collection__author=person)
    names = "collection__name", "collection__description", "url", "title", "description"
    return {(*row[:-1], int(row[-1].timestamp())) for row in rows.values_list(*names, "created_at")}


if __name__ == "__main__":
    arguments = parser(__doc__).parse_args()
    if arguments.here:
        measure(arguments)
    else:
        runner.run_everywhere("benchmarks.importing", sys.argv[1:])

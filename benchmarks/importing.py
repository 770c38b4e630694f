"""Response times while 10,000 links are imported: `python -m benchmarks.importing`.

The site runs as with `make run`: granian with 8 threads, the feed worker and the task worker.
Twenty users read and write for `--seconds` (60) before the import, then from the upload of 10,000
bookmarks in 25 folders until all are on their feeds, then for `--seconds` afterwards. Pages during
the import are compared with those before and after. At the end the imported links are exported,
imported by another person, and compared one by one. SQLite, then PostgreSQL.
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
from benchmarks.load import SERVER_SIZE, SETTINGS, LoadTest, parser

HERE = Path(__file__).parent
LINKS, FOLDERS = 10_000, 25
START, STEP = datetime(2020, 1, 1, tzinfo=UTC), timedelta(minutes=7, seconds=1)
# The budget, relative to the p95 of an idle site.
MAX_RATIO = 1.2
MAX_IMPORT_SECONDS = 900


def measure(options):
    os.environ |= SETTINGS
    runner.set_up()
    manage = [sys.executable, "manage.py"]
    with (
        runner.serving("socialnet.wsgi:application", HERE.parent, {}, SERVER_SIZE) as port,
        runner.running([*manage, "deliver_feeds"], HERE.parent, {}),
        runner.running([*manage, "db_worker", "--no-reload"], HERE.parent, {}),
    ):
        load_test = LoadTest(
            f"http://127.0.0.1:{port}", seconds=options.seconds, pause=options.pause
        )
        load_test.run("warm-up", load_test.seconds / 6)
        wait_for_feeds()
        before = load_test.run("idle")
        wait_for_feeds()
        busy, seconds = run_during_import(load_test)
        after = load_test.run("idle")
        problems = report(before + after, busy, seconds)
        problems += compare_export(load_test.users[0])
    sys.exit("\n".join(["", *problems]) if problems else 0)


def run_during_import(load_test):
    """Upload a file and run the users until it is imported; return Phase and seconds."""
    busy, seconds, done = [], [], threading.Event()

    def run_users():
        while not done.is_set():
            busy.append(load_test.run("importing", 5))

    user, readers = load_test.users[0], threading.Thread(target=run_users)
    readers.start()
    try:
        time.sleep(1)
        started = time.monotonic()
        upload(user, bookmarks_file())
        wait_for_import(user.pk)
        seconds.append(time.monotonic() - started)
        wait_for_feeds()
        seconds.append(time.monotonic() - started)
    finally:
        done.set()
        readers.join()
    return sum(busy[1:], busy[0]), seconds


def upload(user, data):
    address = f"{user.load_test.address}/collections/import/"
    files = {"file": ("bookmarks.html", data, "text/html")}
    answer = user.browser.post(address, files=files, allow_redirects=False, timeout=60)
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


def wait_until(condition):
    deadline = time.monotonic() + MAX_IMPORT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not done after {MAX_IMPORT_SECONDS} s")
        time.sleep(0.5)


def report(idle, busy, seconds):
    """Print both, and return errors and exceeded budgets."""
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
    if max(p50, p95) > MAX_RATIO:
        problems.append(f"pages took {p50:.2f} (p50) and {p95:.2f} (p95) of an idle site's time")
    return problems


def compare_export(user):
    """Export the links of `user`, import them as a new person, and return the differences."""
    from django.contrib.auth import get_user_model

    from accounts.services import confirm
    from collections_app import imports
    from socialnet import takeout

    people = get_user_model().objects
    with zipfile.ZipFile(io.BytesIO(takeout.write(people.get(pk=user.pk)).read())) as taken:
        data = taken.read("bookmarks.html")
    other = confirm(people.create(username="newcomer", email="newcomer@example.org"))
    started = time.monotonic()
    imports.start(person=other, file_name="bookmarks.html", data=data)
    wait_for_import(other.pk)
    took = time.monotonic() - started
    exported, imported = links_of(user.pk), links_of(other.pk)
    print(
        f"{len(exported):,} links exported, {len(imported):,} imported again in {took:.0f} s",
        end=", ",
    )
    print(f"{len(exported ^ imported)} differ", flush=True)
    return [str(row) for row in sorted(exported ^ imported)[:20]]


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

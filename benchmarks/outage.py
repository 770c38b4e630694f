"""What people notice of Stream's outages: `python -m benchmarks.outage`.

The site with hosted settings (granian, 8 threads), its worker, and a feed server in another process
behind a proxy that can fail. Twenty people, signed in, read home, notifications, profiles and
collections, with links, follows and messages of their own between, for `--seconds` (60) each: with
Stream well, out of reach, well, slow (5 s), well, failing half its calls, well. So each outage
has a healthy run before and behind it, which it is compared with: the machine may be busy with
other things. After each outage what the feeds hold is compared with the database, and
`manage.py check_feeds` must find nothing.

People pause for `--pause` seconds (2) on average before each act: with none, twenty of them would
wait for each other on two cores, not for Stream. SQLite, or PostgreSQL with `--postgresql`.
"""

import argparse
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks import runner
from tests.conformance.servers import running_server
from tests.hosted import faults
from tests.ports import free_port

HERE = Path(__file__).parent
PEOPLE, COLLECTIONS, LINKS, FOLLOWS = 20, 2, 3, 5
# The site: one worker of so many threads.
SIZE = (1, 8)
CREDENTIALS = ("hosted", secrets.token_hex(32))
OUTAGES = {
    "down": faults.refuse,
    "slow": faults.stall(5),
    "half failing": faults.half(faults.fail, faults.reset, faults.rate_limit, faults.garble),
}
# What the budget is: of a healthy run's p95, or so many milliseconds more; p99.
RATIO, MARGIN, LONGEST = 1.25, 20, 1200
# Pauses of the worker grow to a minute, those of an entry with its attempts.
RECOVERY_SECONDS = 240


@dataclass
class Phase:
    """What a run of all people came to: milliseconds of pages and of marks, and what went wrong."""

    name: str
    pages: list = field(default_factory=list)
    marks: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def __add__(self, other):
        marks, errors = self.marks + other.marks, self.errors + other.errors
        return Phase(self.name, self.pages + other.pages, marks, errors)


def measure(options):
    os.environ |= site_settings(free_port())
    runner.set_up()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(
            free_port(),
            Path(folder),
            credentials=CREDENTIALS,
            settings="tests.hosted.feedserver_settings",
        ) as server,
    ):
        proxy_port = int(os.environ["STREAM_BASE_URL"].rpartition(":")[2])
        with (
            faults.Proxy(proxy_port, to=server.port) as proxy,
            runner.serving("socialnet.wsgi:application", HERE.parent, {}, SIZE) as site,
            runner.running([sys.executable, "manage.py", "deliver_feeds"], HERE.parent, {}),
        ):
            run_phases(Town(f"http://127.0.0.1:{site}", options), proxy, server)


def site_settings(proxy_port):
    key, secret = CREDENTIALS
    many = "1000000"
    limits = ("LINKS_PER_HOUR", "MESSAGES_PER_MINUTE", "MESSAGES_PER_DAY")
    return {
        "STREAM_API_KEY": key,
        "STREAM_API_SECRET": secret,
        "STREAM_BASE_URL": f"http://localhost:{proxy_port}",
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        "REDIS_URL": "",
        # What cannot be marked is an error in the log, as often as somebody looks.
        "LOG_LEVEL": "CRITICAL",
        "AVATAR_URL_TEMPLATE": "",
        "WEB_THREADS": str(SIZE[1]),
        **dict.fromkeys([*limits, "MESSAGES_TO_STRANGERS_PER_DAY"], many),
    }


def run_phases(town, proxy, server):
    """Run the outages, each between two healthy runs; stop where the feeds are not right."""
    recover()
    town.run("warm-up", town.options.seconds / 6)
    before, problems = town.run("healthy"), []
    heading()
    for name, fault in OUTAGES.items():
        with proxy.failing(fault):
            outage = town.run(name)
        waited = recover()
        compare(server)
        after = town.run("healthy")
        recover()
        problems += report(outage, before, after, waited)
        before = after
    sys.exit("\n".join(["", *problems]) if problems else 0)


class Town:
    """People who read and write; their `ways` are the addresses that there are."""

    def __init__(self, address, options):
        self.address, self.options = address, options
        self.people = [Person(self, *row) for row in settle()]

    def run(self, name, seconds=None):
        """Let everybody read and write for so long; return the Phase."""
        phase, ends = Phase(name), time.monotonic() + (seconds or self.options.seconds)
        threads = [
            threading.Thread(target=person.live, args=(phase, ends)) for person in self.people
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return phase


def settle():
    """Make everybody, their collections, links and follows; return (row, session, collections)."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from accounts.services import confirm
    from collections_app.services import add_link, create_collection
    from follows.models import Follow

    make = get_user_model().objects.create
    names = [f"person{number}" for number in range(PEOPLE)]
    people = [confirm(make(username=name, email=f"{name}@example.org")) for name in names]
    settled = []
    for number, person in enumerate(people):
        own = [
            create_collection(author=person, name=f"Collection {place}", description="Of theirs.")
            for place in range(COLLECTIONS)
        ]
        for place in range(COLLECTIONS * LINKS):
            url = f"https://example.org/{person.pk}/{place}"
            add_link(collection=own[place % COLLECTIONS], url=url, title=f"Page {place}")
        for step in range(1, FOLLOWS + 1):
            Follow.objects.follow(person, people[(number + step * 3) % PEOPLE])
        client = Client()
        client.force_login(person)
        settled.append((person, client.cookies["sessionid"].value, own))
    return settled


class Person:
    """Somebody with a browser, who reads more than they write."""

    def __init__(self, town, row, session, collections):
        self.town, self.name, self.pk = town, row.username, row.pk
        self.collections = [collection.pk for collection in collections]
        self.random = random.Random(row.pk)  # noqa: S311
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.browser.cookies.update({"sessionid": session, "csrftoken": "c" * 32})
        self.browser.headers.update({"X-CSRFToken": "c" * 32, "Accept": "text/html"})

    def live(self, phase, ends):
        average = self.town.options.pause
        while time.monotonic() < ends:
            time.sleep(self.random.uniform(0.5 * average, 1.5 * average))
            reads = [self.read] * 7 + [self.look_at_notifications] * 2
            self.random.choice(reads + [self.write] * 5)(phase)

    def other(self):
        return self.random.choice([one for one in self.town.people if one is not self])

    def read(self, phase):
        one = self.random.choice(self.town.people)
        place = f"/collections/{self.random.choice(one.collections)}/"
        person = f"/users/{one.name}/"
        addresses = ["/", "/", person, f"{person}activity/", place, f"{place}activity/"]
        self.ask(phase, "GET", self.random.choice(addresses))

    def look_at_notifications(self, phase):
        """Do as its script does there: ask the site to mark them seen."""
        self.ask(phase, "GET", "/notifications/")
        started = time.perf_counter()
        address = f"{self.town.address}/notifications/seen/"
        answer = self.browser.post(address, headers={"Accept": "application/json"}, timeout=60)
        phase.marks.append((time.perf_counter() - started) * 1000)
        if answer.status_code not in (204, 503):
            phase.errors.append(f"{answer.status_code} {address}")

    def write(self, phase):
        act = self.random.choice([self.add_link, self.add_link, self.follow, self.write_to])
        address, data = act(self.other())
        location = self.ask(phase, "POST", address, data).headers.get("Location")
        if location:
            self.ask(phase, "GET", location)

    def add_link(self, one):
        own = self.random.choice(self.collections)
        data = {"collection": own, "url": f"https://example.org/{uuid.uuid4()}", "title": "A page"}
        return "/collections/add/", data

    def follow(self, one):
        what = f"/users/{one.name}/", f"/collections/{self.random.choice(one.collections)}/"
        return self.random.choice(what) + self.random.choice(("follow/", "unfollow/")), {}

    def write_to(self, one):
        return f"/messages/with/{one.name}/", {"body": "Have you seen this?"}

    def ask(self, phase, method, address, data=None):
        """Ask for a page, and note how long it took and whether it is an error page."""
        started = time.perf_counter()
        answer = self.browser.request(
            method, f"{self.town.address}{address}", data=data, allow_redirects=False, timeout=60
        )
        phase.pages.append((time.perf_counter() - started) * 1000)
        if answer.status_code >= 400:
            phase.errors.append(f"{answer.status_code} {method} {address}")
        return answer


def recover():
    """Wait for the worker to deliver all, and return how long that took; stop if it does not."""
    from feeds.models import OutboxEntry

    started = time.monotonic()
    left = OutboxEntry.objects.filter(state=OutboxEntry.State.PENDING)
    while left.exists():
        if time.monotonic() - started > RECOVERY_SECONDS:
            sys.exit(f"{left.count()} entries are still left after {RECOVERY_SECONDS} s")
        time.sleep(0.5)
    if parked := OutboxEntry.objects.filter(state=OutboxEntry.State.FAILED).first():
        sys.exit(f"parked: {parked}: {parked.error}")
    return time.monotonic() - started


def compare(server):
    """Stop if the feeds are not as the database, or the site's own command finds something."""
    import stream
    from django.core.management import call_command

    from tests.hosted.comparison import differences

    found = differences(stream.connect(*CREDENTIALS, base_url=server.address))
    if found:
        sys.exit("\n".join(["The feeds are not as the database:", *found]))
    call_command("check_feeds", verbosity=0)


def heading():
    print(f"{'':14}{'pages':>6}{'errors':>7}{'p50':>6}{'p95':>7}{'p99':>7}", end="")
    print(f"{'p95 / healthy':>15}{'marks p95':>11}{'feeds right after':>20}")


def report(outage, before, after, waited):
    """Print an outage and the healthy runs around it; return what the budget says against it."""
    healthy = before + after
    usual, slowest = runner.p95(healthy.pages), runner.p95(outage.pages)
    print_phase(healthy, "")
    print_phase(outage, f"{slowest / usual:15.2f}", f"{waited:18.0f} s")
    print(f"load {os.getloadavg()[0]:.1f}, speed {runner.speed():.1f} ms", flush=True)
    problems = [f"{outage.name}: {text}" for text in [*healthy.errors, *outage.errors][:20]]
    if slowest > max(RATIO * usual, usual + MARGIN):
        problems.append(f"{outage.name}: p95 {slowest:.0f} ms, healthy {usual:.0f} ms")
    if runner.p99(outage.pages) > LONGEST:
        problems.append(f"{outage.name}: p99 {runner.p99(outage.pages):.0f} ms")
    return problems


def print_phase(phase, ratio, waited=""):
    figures = [figure(phase.pages) for figure in (runner.p50, runner.p95, runner.p99)]
    print(f"{phase.name:14}{len(phase.pages):6}{len(phase.errors):7}", end="")
    print("{:6.0f}{:7.0f}{:7.0f}".format(*figures), end="")
    print(f"{ratio:15}{runner.p95(phase.marks):11.0f}{waited:>20}", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=2)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse()
    if arguments.here:
        measure(arguments)
    else:
        run = runner.run_on_postgresql if arguments.postgresql else runner.run_on_sqlite
        try:
            run("benchmarks.outage", sys.argv[1:])
        except subprocess.CalledProcessError as error:
            sys.exit(error.returncode)

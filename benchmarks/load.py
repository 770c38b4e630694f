"""A load test: twenty users who read and write, for the benchmarks of outages and imports.

Users pause before each action. Without pauses, twenty of them would wait for each other on two
cores, and the benchmark would measure that.
"""

import argparse
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

import requests

USERS, COLLECTIONS, LINKS, FOLLOWS = 20, 2, 3, 5
# Workers of the site, and threads of each.
SERVER_SIZE = (1, 8)
LIMITS = (
    "LINKS_PER_HOUR",
    "MESSAGES_PER_MINUTE",
    "MESSAGES_PER_DAY",
    "MESSAGES_TO_STRANGERS_PER_DAY",
)
SETTINGS = {
    **dict.fromkeys(LIMITS, "1000000"),
    "REDIS_URL": "",
    "AVATAR_URL_TEMPLATE": "",
    "WEB_THREADS": str(SERVER_SIZE[1]),
}


@dataclass
class Phase:
    """Results of one run: milliseconds of pages and of marks, and errors."""

    name: str
    pages: list = field(default_factory=list)
    marks: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def __add__(self, other):
        marks, errors = self.marks + other.marks, self.errors + other.errors
        return Phase(self.name, self.pages + other.pages, marks, errors)


class LoadTest:
    """Users of the site at `address`, each with a pause of `pause` seconds on average."""

    def __init__(self, address, *, seconds, pause):
        self.address, self.seconds, self.pause = address, seconds, pause
        self.users = [User(self, *row) for row in seed_users()]

    def run(self, name, seconds=None):
        """Run all users for `seconds`; return the Phase."""
        phase, deadline = Phase(name), time.monotonic() + (seconds or self.seconds)
        threads = [threading.Thread(target=user.run, args=(phase, deadline)) for user in self.users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return phase


def seed_users():
    """Create users with collections, links and follows; return (row, session, collections)s."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from accounts.services import confirm
    from collections_app.services import add_link, create_collection
    from follows.models import Follow

    create = get_user_model().objects.create
    names = [f"person{number}" for number in range(USERS)]
    people = [confirm(create(username=name, email=f"{name}@example.org")) for name in names]
    seeded = []
    for number, person in enumerate(people):
        collections = [
            create_collection(author=person, name=f"Collection {index}", description="Of theirs.")
            for index in range(COLLECTIONS)
        ]
        for index in range(COLLECTIONS * LINKS):
            url = f"https://example.org/{person.pk}/{index}"
            add_link(collection=collections[index % COLLECTIONS], url=url, title=f"Page {index}")
        for step in range(1, FOLLOWS + 1):
            Follow.objects.follow(person, people[(number + step * 3) % USERS])
        client = Client()
        client.force_login(person)
        seeded.append((person, client.cookies["sessionid"].value, collections))
    return seeded


class User:
    """A user with a browser, who reads more than they write."""

    def __init__(self, load_test, row, session, collections):
        self.load_test, self.name, self.pk = load_test, row.username, row.pk
        self.collections = [collection.pk for collection in collections]
        self.random = random.Random(row.pk)  # noqa: S311
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.browser.cookies.update({"sessionid": session, "csrftoken": "c" * 32})
        self.browser.headers.update({"X-CSRFToken": "c" * 32, "Accept": "text/html"})

    def run(self, phase, deadline):
        pause = self.load_test.pause
        while time.monotonic() < deadline:
            time.sleep(self.random.uniform(0.5 * pause, 1.5 * pause))
            reads = [self.read_page] * 7 + [self.read_notifications] * 2
            self.random.choice(reads + [self.write] * 5)(phase)

    def choose_other(self):
        return self.random.choice([user for user in self.load_test.users if user is not self])

    def read_page(self, phase):
        user = self.random.choice(self.load_test.users)
        collection = f"/collections/{self.random.choice(user.collections)}/"
        profile = f"/users/{user.name}/"
        pages = [profile, f"{profile}activity/", collection, f"{collection}activity/"]
        self.request(phase, "GET", self.random.choice(["/", "/", *pages]))

    def read_notifications(self, phase):
        """Load the notifications and mark them as seen, as the page's script does."""
        self.request(phase, "GET", "/notifications/")
        started = time.perf_counter()
        address = f"{self.load_test.address}/notifications/seen/"
        answer = self.browser.post(address, headers={"Accept": "application/json"}, timeout=60)
        phase.marks.append((time.perf_counter() - started) * 1000)
        if answer.status_code not in (204, 503):
            phase.errors.append(f"{answer.status_code} {address}")

    def write(self, phase):
        actions = [self.add_link, self.add_link, self.follow, self.send_message]
        address, data = self.random.choice(actions)(self.choose_other())
        location = self.request(phase, "POST", address, data).headers.get("Location")
        if location:
            self.request(phase, "GET", location)

    def add_link(self, other):
        url, collection = (
            f"https://example.org/{uuid.uuid4()}",
            self.random.choice(self.collections),
        )
        return "/collections/add/", {"collection": collection, "url": url, "title": "A page"}

    def follow(self, other):
        collection = f"/collections/{self.random.choice(other.collections)}/"
        target = self.random.choice((f"/users/{other.name}/", collection))
        return target + self.random.choice(("follow/", "unfollow/")), {}

    def send_message(self, other):
        return f"/messages/with/{other.name}/", {"body": "Have you seen this?"}

    def request(self, phase, method, address, data=None):
        """Request a page; record its time, and its address if it is an error page."""
        started = time.perf_counter()
        answer = self.browser.request(
            method,
            f"{self.load_test.address}{address}",
            data=data,
            allow_redirects=False,
            timeout=60,
        )
        phase.pages.append((time.perf_counter() - started) * 1000)
        if answer.status_code >= 400:
            phase.errors.append(f"{answer.status_code} {method} {address}")
        return answer


def parser(description):
    """Return a parser with options for the seconds of a run and of a pause."""
    options = argparse.ArgumentParser(description=description.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--pause", type=float, default=2)
    options.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return options

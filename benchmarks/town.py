"""Twenty people who read and write: the load that outages and imports are measured under.

People pause before each act: with no pause, twenty of them would wait for each other on two cores,
not for what is measured.
"""

import argparse
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

import requests

PEOPLE, COLLECTIONS, LINKS, FOLLOWS = 20, 2, 3, 5
# The site: one worker of so many threads.
SIZE = (1, 8)
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
    "WEB_THREADS": str(SIZE[1]),
}


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


class Town:
    """People who read and write; their `ways` are the addresses that there are."""

    def __init__(self, address, *, seconds, pause):
        self.address, self.seconds, self.pause = address, seconds, pause
        self.people = [Person(self, *row) for row in settle()]

    def run(self, name, seconds=None):
        """Let everybody read and write for so long; return the Phase."""
        phase, ends = Phase(name), time.monotonic() + (seconds or self.seconds)
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
        average = self.town.pause
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


def parser(description):
    """Return what reads how long people go on, and how long each pauses, in seconds."""
    options = argparse.ArgumentParser(description=description.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--pause", type=float, default=2)
    options.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return options

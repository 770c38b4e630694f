"""Search times with 100,000 links: `python -m benchmarks.search`.

There are 10,000 collections and 10,000 people besides. The frequency of words is that of a natural
language, with some hard cases: a word in every link, two words of which every link has exactly one,
and prefixes of thousands of words. Measured are the search alone and whole pages, in processor time
(of the site and, on PostgreSQL, of its connection) and in elapsed time; then the cost of the index
when a link is saved.
"""

import itertools
import random
import sys
from datetime import UTC, datetime, timedelta

from benchmarks import runner

LINKS, COLLECTIONS, PEOPLE = 100_000, 10_000, 10_000
VOCABULARY_SIZE, ROUNDS, SAVES = 30_000, 20, 100
FIRST_KEY = 1000
START, STEP = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=3)
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo")

QUERIES = {
    "a rare word": "{29000}",
    "a usual word": "{300}",
    "two usual words": "{300} {200}",
    "a frequent word": "{3}",
    "in every link": "everywhere",
    "in every title": "shared",
    "two in every link": "everywhere shared",
    "either, never both": "odd even",
    "two letters": "ba",
    "three letters": "bac",
    "begins 100,000 words": "serial",
    "one letter": "b",
    "two beginnings": "ba ce",
    "a host": "host77.example",
    "eight frequent words": "{1} {2} {3} {4} {5} {6} {7} {8}",
    "nothing": "nosuchwordatall",
}


def measure():
    runner.set_up()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    settings.SEARCHES_PER_MINUTE = 1_000_000
    fill()
    person = get_user_model().objects.get(pk=FIRST_KEY)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    heads = f"{'work':>7}{'p50 / p95':>16}"
    print(f"{'ms':26}|{'search':>23}|{'page over all':>23}|{'page of links':>23}| found")
    print(f"{'':26}|{heads}|{heads}|{heads}|")
    for name, text in QUERIES.items():
        report(name, text.format(*make_words()), client, person)
    report_saving(person)
    print(f"runner.speed {runner.speed():.1f} ms", flush=True)


def report(name, text, client, person):
    from search.finding import find
    from search.words import Query

    def get(**more):
        answer = client.get("/search/", {"q": text, **more})
        assert answer.status_code == 200, answer

    found = find(Query(text), person)
    functions = (lambda: find(Query(text), person), get, lambda: get(kind="links"))
    cells = "|".join(measure_times(function) for function in functions)
    print(f"{name:26}|{cells}| {', '.join(f'{len(hits)}' for hits in found.values())}", flush=True)


def report_saving(person):
    """Print the time of saving a link with and without the index, in turn."""
    from django.db.models.signals import post_save

    from collections_app.models import Collection, Content
    from collections_app.services import add_link
    from search import signals

    collection, number = Collection.objects.filter(author=person).first(), itertools.count()
    vocabulary = make_words()

    def save():
        add_link(
            collection=collection,
            url=f"https://new.example/{next(number)}",
            title="A title of five words",
            description=" ".join(random.choices(vocabulary[:2000], k=14)),
        )

    taken = {"with": [], "without": []}
    for _ in range(SAVES):
        for way, clock in taken.items():
            if way == "without":
                post_save.disconnect(sender=Content, dispatch_uid="search.saved.Content")
            before = runner.processor_time()
            save()
            clock.append((runner.processor_time() - before) * 1000)
            signals.connect()
    print(
        f"saving a link: {runner.p50(taken['with']):.1f} ms of work, "
        f"{runner.p50(taken['without']):.1f} without the index",
        flush=True,
    )


def measure_times(function):
    """Return p50 of processor time, and p50 / p95 of elapsed time, in milliseconds."""
    function()
    work, clock = [], []
    for _ in range(ROUNDS):
        before = runner.processor_time()
        clock += runner.timed(function, 1)
        work.append((runner.processor_time() - before) * 1000)
    times = f"{runner.p50(clock):.0f} / {runner.p95(clock):.0f}"
    return f"{runner.p50(work):7.1f}{times:>16}"


def make_words():
    """Return the vocabulary, the most frequent word first."""
    combinations = ("".join(parts) for parts in itertools.product(SYLLABLES, repeat=4))
    words = list(itertools.islice(combinations, VOCABULARY_SIZE))
    random.Random(1).shuffle(words)
    return words


def fill():
    from django.contrib.auth import get_user_model

    from collections_app.models import Collection, Content
    from search.index import INDEXED, rebuild

    generator = random.Random(2)
    vocabulary = make_words()
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(VOCABULARY_SIZE)))

    def text(number):
        return " ".join(generator.choices(vocabulary, cum_weights=weights, k=number))

    tables = [people(get_user_model(), text), collections(Collection, text), links(Content, text)]
    for model, columns, rows in tables:
        runner.load(model, columns, rows)
    for model in INDEXED:
        taken = runner.timed(lambda model=model: sum(rebuild(model)), 1)
        print(f"indexed {model.__name__} in {taken[0] / 1000:.1f} s", flush=True)
    runner.analyze()


def people(model, text):
    common = {"password": "!", "is_active": True, "is_staff": False, "is_superuser": False}
    return table(
        model,
        PEOPLE,
        lambda n: {
            **common,
            "id": FIRST_KEY + n,
            "username": f"person{n}",
            "email": f"person{n}@example.org",
            "name": text(2),
            "about": text(12),
            "date_joined": START,
            "confirmed_at": START,
            "suspension_reason": "",
            "follower_count": n % 50,
        },
    )


def collections(model, text):
    return table(
        model,
        COLLECTIONS,
        lambda n: {
            "id": FIRST_KEY + n,
            "author_id": FIRST_KEY + n % PEOPLE,
            "name": text(3),
            "description": f"{text(12)} everywhere",
            "created_at": START,
            "last_added_at": START,
            "follower_count": n % 50,
            "stream_id": "",
            "hidden_reason": "",
        },
    )


def links(model, text):
    return table(
        model,
        LINKS,
        lambda n: {
            "id": FIRST_KEY + n,
            "collection_id": FIRST_KEY + n % COLLECTIONS,
            "url": f"https://host{n % 3000}.example/{n}",
            "url_key": f"{n:064}",
            "host": f"host{n % 3000}.example",
            "title": f"{text(4)} shared serial{n}",
            "description": f"{text(14)} everywhere {'odd' if n % 2 else 'even'}",
            "created_at": START + STEP * n,
            "stream_id": "",
            "hidden_reason": "",
        },
    )


def table(model, size, row):
    """Return the arguments of `runner.load` for `size` rows; `row` returns the row of a number."""
    rows = (tuple(row(number).values()) for number in range(size))
    return model, list(row(0)), rows


if __name__ == "__main__":
    measure() if "--here" in sys.argv else runner.run_everywhere("benchmarks.search")

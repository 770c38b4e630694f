"""A home timeline with a million activities: `python -m benchmarks.timeline`.

Four readers follow 10, 100, 1,000 and 5,000 of 5,000 collections, to each of which 200 links were
added over 20 days. Measured are the home page (the whole response of the site), the feed server's
response for it (10 groups with the newest 5 activities of each, actors and collections included),
and the same with django-activity-stream: the newest 50 of `user_stream` with actors and targets,
from the same rows in the same database. `--activities` sets a smaller number.
"""

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta

from benchmarks import runner

COLLECTIONS, DAYS, COLLECTIONS_PER_AUTHOR = 5_000, 20, 5
FOLLOWED = (10, 100, 1_000, 5_000)
ROUNDS, SECONDS = 60, 120
ACTION_COUNT = 50
# The end of the last whole day.
END = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def measure(activities):
    runner.set_up("benchmarks.settings")
    data_set = DataSet(activities)
    data_set.make()
    runner.analyze()
    check(data_set)
    report(data_set)


class DataSet:
    """People, collections and feeds, and `count` activities added to the collections in turn."""

    def __init__(self, count):
        self.count = count
        self.per_day = count // DAYS // COLLECTIONS

    def make(self):
        self.make_site()
        self.make_feeds()
        self.make_activities()
        self.make_timelines()
        self.make_actions()

    def make_site(self):
        from django.contrib.auth import get_user_model

        from accounts import roles
        from collections_app.models import Collection, Content
        from follows.models import CollectionFollow

        Person = get_user_model()  # noqa: N806
        names = [f"author{number}" for number in range(COLLECTIONS // COLLECTIONS_PER_AUTHOR)]
        names += [f"reader{number}" for number in FOLLOWED]
        people = Person.objects.bulk_create(
            [Person(username=name, email=f"{name}@example.org", confirmed_at=END) for name in names]
        )
        self.authors, self.readers = people[: -len(FOLLOWED)], people[-len(FOLLOWED) :]
        roles.group(roles.MEMBERS).user_set.add(*self.readers)
        self.collections = Collection.objects.bulk_create(
            [
                Collection(
                    author=self.authors[number // COLLECTIONS_PER_AUTHOR],
                    name=f"Collection {number}",
                    description="Links.",
                )
                for number in range(COLLECTIONS)
            ],
            batch_size=1000,
        )
        Content.objects.bulk_create(
            [
                Content(collection=row, title="A link", url="https://example.org/")
                for row in self.collections
            ],
            batch_size=1000,
        )
        CollectionFollow.objects.bulk_create(
            [
                CollectionFollow(follower=reader, collection=collection)
                for reader, collections in self.followed()
                for collection in collections
            ],
            batch_size=5000,
        )

    def followed(self):
        """Return each reader with the collections they follow, evenly spread over all."""
        steps = [COLLECTIONS // number for number in FOLLOWED]
        return [
            (reader, self.collections[::step])
            for reader, step in zip(self.readers, steps, strict=True)
        ]

    def make_feeds(self):
        from feedserver.models import Feed, Follow, StreamObject, StreamUser

        self.feeds = Feed.objects.bulk_create(
            [Feed(slug="collection", user_id=str(row.pk)) for row in self.collections],
            batch_size=5000,
        )
        self.timelines = Feed.objects.bulk_create(
            [Feed(slug="timeline", user_id=str(reader.pk)) for reader in self.readers]
        )
        feeds = dict(zip((row.pk for row in self.collections), self.feeds, strict=True))
        Follow.objects.bulk_create(
            [
                Follow(source=timeline, target=feeds[collection.pk])
                for timeline, (_reader, collections) in zip(
                    self.timelines, self.followed(), strict=True
                )
                for collection in collections
            ],
            batch_size=5000,
        )
        StreamUser.objects.bulk_create(
            [
                StreamUser(id=str(row.pk), data={"username": row.username, "name": row.username})
                for row in self.authors
            ]
        )
        StreamObject.objects.bulk_create(
            [
                StreamObject(collection="collections", object_id=row.pk, data={"name": row.name})
                for row in self.collections
            ],
            batch_size=5000,
        )

    def activities(self):
        """Yield the number of the collection, the day, id, foreign id and time of each activity."""
        from feedserver.ids import id_of_foreign_id

        step = timedelta(days=1) / (COLLECTIONS * self.per_day)
        for number in range(self.count):
            moment = END - timedelta(days=DAYS) + number * step
            foreign_id = f"collections_app.Content:{number}"
            identity = id_of_foreign_id(foreign_id, moment)
            yield number % COLLECTIONS, f"{moment:%Y-%m-%d}", identity.hex, foreign_id, moment

    def make_activities(self):
        from feedserver.models import Activity, FeedEntry

        data = '{"title": "A link", "url": "https://example.org/"}'
        columns = ["id", "actor", "verb", "object", "target", "foreign_id", "time", "to", "data"]
        runner.load(
            Activity,
            columns,
            (
                (identity, self.actor(at), "post", self.object(at), "", name, moment, "[]", data)
                for at, _day, identity, name, moment in self.activities()
            ),
        )
        columns = ["feed_id", "activity_id", "origin_id"]
        runner.load(
            FeedEntry,
            columns,
            (
                (self.feeds[at].pk, identity, self.feeds[at].pk)
                for at, _day, identity, *_rest in self.activities()
            ),
        )

    def actor(self, at):
        return f"SU:{self.authors[at // COLLECTIONS_PER_AUTHOR].pk}"

    def object(self, at):
        return f"SO:collections:{self.collections[at].pk}"

    def make_timelines(self):
        """Write the entries and groups that the follows would have copied to each timeline."""
        from feedserver.models import ActivityGroup, FeedEntry

        activity_ids = {}
        for at, day, identity, *_rest in self.activities():
            activity_ids.setdefault((at, day), []).append(identity)
        columns = ["feed_id", "activity_id", "origin_id", "group_id"]
        for timeline, number in zip(self.timelines, FOLLOWED, strict=True):
            followed = set(range(0, COLLECTIONS, COLLECTIONS // number))
            followed_days = [(at, day) for at, day in activity_ids if at in followed]
            groups = ActivityGroup.objects.bulk_create(
                [
                    ActivityGroup(
                        feed=timeline,
                        name=f"{self.actor(at)}_post_{self.object(at)}_{day}",
                        newest=activity_ids[at, day][-1],
                        oldest=activity_ids[at, day][0],
                        activity_count=len(activity_ids[at, day]),
                        actor_count=1,
                    )
                    for at, day in followed_days
                ],
                batch_size=5000,
            )
            runner.load(
                FeedEntry,
                columns,
                (
                    (timeline.pk, identity, self.feeds[at].pk, group.pk)
                    for (at, day), group in zip(followed_days, groups, strict=True)
                    for identity in activity_ids[at, day]
                ),
            )

    def make_actions(self):
        """Write the same activities and follows for django-activity-stream."""
        from actstream import registry
        from actstream.models import Action, Follow
        from django.contrib.contenttypes.models import ContentType

        people, collections = type(self.authors[0]), type(self.collections[0])
        registry.register(people, collections)
        person = ContentType.objects.get_for_model(people).pk
        collection = ContentType.objects.get_for_model(collections).pk
        columns = ["actor_content_type_id", "actor_object_id", "verb", "target_content_type_id"]
        columns += ["target_object_id", "timestamp", "public"]
        runner.load(
            Action,
            columns,
            (
                (
                    person,
                    str(self.authors[at // COLLECTIONS_PER_AUTHOR].pk),
                    "post",
                    collection,
                    str(self.collections[at].pk),
                    moment,
                    True,
                )
                for at, _day, _identity, _name, moment in self.activities()
            ),
        )
        Follow.objects.bulk_create(
            [
                Follow(
                    user=reader,
                    content_type_id=collection,
                    object_id=str(row.pk),
                    actor_only=False,
                )
                for reader, followed in self.followed()
                for row in followed
            ],
            batch_size=5000,
        )


class Reader:
    """The same timeline of one reader, read in three ways."""

    def __init__(self, person):
        from django.conf import settings
        from django.test import Client

        from feeds.stream.tokens import read_token

        self.person = person
        self.client = Client(headers={"host": "127.0.0.1"})
        self.client.force_login(person)
        self.address = f"/api/v1.0/enrich/feed/timeline/{person.pk}/"
        self.parameters = {"api_key": settings.STREAM_API_KEY, "limit": 10}
        self.headers = {
            "authorization": read_token("timeline", str(person.pk)).value,
            "stream-auth-type": "jwt",
        }

    def page(self):
        answer = self.client.get("/")
        assert answer.status_code == 200, answer
        return answer.content.decode()

    def view(self):
        answer = self.client.get(self.address, self.parameters, headers=self.headers)
        assert answer.status_code == 200, answer
        return answer.json()["results"]

    def actions(self):
        from actstream.models import user_stream

        actions = user_stream(self.person)[:ACTION_COUNT]
        return [(row.actor.username, row.target.name, row.timestamp) for row in actions]


def check(data_set):
    """Exit unless all three ways return the same, and a new activity arrives."""
    from stream_django.client import stream_client

    for person in data_set.readers:
        reader = Reader(person)
        groups = reader.view()
        if len(groups) != 10 or reader.page().count("<article") < 10:
            sys.exit(f"{person}: {len(groups)} groups")
        if data_set.per_day >= 5:
            shown = [len(group["activities"]) for group in groups]
            if shown != [5] * 10:
                sys.exit(f"{person}: groups of {shown}")
        newest = groups[0]["activities"][0]
        found = reader.actions()[0]
        if found[:2] != (newest["actor"]["data"]["username"], newest["object"]["data"]["name"]):
            sys.exit(f"{person}: {found} is not {newest}")
    feed = stream_client.feed("collection", str(data_set.collections[0].pk))
    added = {"actor": data_set.actor(0), "verb": "post", "object": data_set.object(0)}
    identity = feed.add_activity({**added, "foreign_id": "new", "time": END})["id"]
    for person in data_set.readers:
        if Reader(person).view()[0]["id"] != identity:
            sys.exit(f"{person}: the newest activity has not arrived")
    feed.remove_activity(identity)


WAYS = {"page": Reader.page, "feed server": Reader.view, "activity-stream": Reader.actions}


def report(data_set):
    """Print the times of each way for each reader; they alternate, since machines vary."""
    readers = dict(zip(FOLLOWED, map(Reader, data_set.readers), strict=True))
    cells = {(number, way): Cell() for number in FOLLOWED for way in WAYS}
    for (number, way), cell in cells.items():
        cell.queries = runner.count_queries(
            lambda way=way, number=number: WAYS[way](readers[number])
        )
    speeds, deadline = [], time.monotonic() + SECONDS
    while len(speeds) < ROUNDS and (time.monotonic() < deadline or len(speeds) < 3):
        speeds.append(runner.speed())
        for (number, way), cell in cells.items():
            cell.taken += runner.timed(lambda way=way, number=number: WAYS[way](readers[number]), 1)
    print(f"{data_set.count:,} activities; milliseconds as p50/p95 (queries), {len(speeds)} rounds")
    print(f"{'follows':>7}" + "".join(f"{way:>22}" for way in WAYS) + f"{'times':>8}")
    for number in FOLLOWED:
        page, view, actions = (cells[number, way] for way in WAYS)
        times = actions.p50 / view.p50
        print(f"{number:>7,}{page!s:>22}{view!s:>22}{actions!s:>22}{times:>7.1f}x")
    for way in ("page", "feed server"):
        slower = cells[1_000, way].p50 / cells[10, way].p50
        print(f"{way}: 1,000 follows take {slower:.2f} times as long as 10")
    print(f"the machine: {runner.p50(speeds):.1f}/{runner.p95(speeds):.1f} ms (runner.speed)")


class Cell:
    """Milliseconds and number of queries of one way for one reader."""

    def __init__(self):
        self.taken, self.queries = [], 0

    @property
    def p50(self):
        return runner.p50(self.taken)

    def __str__(self):
        return f"{self.p50:,.1f}/{runner.p95(self.taken):,.1f} ({self.queries})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.activities % (DAYS * COLLECTIONS):
        parser.error(f"--activities must be a multiple of {DAYS * COLLECTIONS:,}")
    if options.here:
        measure(options.activities)
    else:
        runner.run_everywhere("benchmarks.timeline", [f"--activities={options.activities}"])


if __name__ == "__main__":
    main()

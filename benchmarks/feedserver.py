"""Response times of the feed server with a million activities: `python -m benchmarks.feedserver`.

There are 5,000 flat feeds of 200 activities, each about a different object. Each activity of the
first 200 feeds has 6 likes and 2 comments, one of them with a reply, mostly by different people.
Measured is the time from the request to the bytes of the response in this process, without socket
and client. A *trivial* request is the first page of an empty feed: it checks key and token and
makes one query. *Work* is processor time of this process and, on PostgreSQL, of its connection's
process, which other load on a shared machine hardly changes; *clock* is elapsed time.
`--activities` sets a smaller number.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

from benchmarks import runner

FEEDS, PEOPLE, OBJECTS, FEEDS_WITH_REACTIONS = 5_000, 1_000, 1_000, 200
LIKES, COMMENTS = 6, 2
PAGE_SIZE, ROUNDS, SECONDS = 25, 200, 120
END = datetime.now(UTC).replace(microsecond=0)
REACTION_OPTIONS = {
    "withReactionCounts": "true",
    "withOwnReactions": "true",
    "withRecentReactions": "true",
}
# Requests, and their budgets in milliseconds (benchmarks/RESULTS.md).
BUDGETS = {"trivial": None, "plain": None, "enriched": 5, "with reactions": 12, "add": 10}


def measure(activities):
    runner.set_up()
    data_set = DataSet(activities)
    started = time.monotonic()
    data_set.make()
    runner.analyze()
    print(f"{activities:,} activities made in {time.monotonic() - started:.0f} s", flush=True)
    check(data_set)
    report(data_set)


class DataSet:
    """Feeds, and `count` activities added to them in turn."""

    def __init__(self, count):
        self.count = count

    def make(self):
        from feedserver.models import Feed, StreamObject, StreamUser

        names = [f"f{number}" for number in range(FEEDS)]
        self.feeds = Feed.objects.bulk_create(
            [Feed(slug="user", user_id=name) for name in names], batch_size=5000
        )
        StreamUser.objects.bulk_create(
            [StreamUser(id=f"p{n}", data={"name": f"Person {n}"}) for n in range(PEOPLE)]
        )
        StreamObject.objects.bulk_create(
            [
                StreamObject(collection="things", object_id=str(n), data={"name": f"Thing {n}"})
                for n in range(OBJECTS)
            ]
        )
        self.make_activities()
        self.make_reactions()

    def activities(self):
        """Yield number, stored id, foreign id and time of each activity."""
        from feedserver.ids import id_of_foreign_id

        for number in range(self.count):
            moment = END - timedelta(seconds=self.count - number)
            foreign_id = f"link:{number}"
            yield number, id_of_foreign_id(foreign_id, moment), foreign_id, moment

    def make_activities(self):
        from feedserver.models import Activity, FeedEntry

        data = json.dumps({"title": "A link", "url": "https://example.org/"})
        columns = ["id", "actor", "verb", "object", "target", "foreign_id", "time", "to", "data"]
        runner.load(
            Activity,
            columns,
            (
                (key.hex, actor(at), "post", target(at), "", name, moment, "[]", data)
                for at, key, name, moment in self.activities()
            ),
        )
        feeds = [feed.pk for feed in self.feeds]
        runner.load(
            FeedEntry,
            ["feed_id", "activity_id", "origin_id"],
            (
                (feeds[at % FEEDS], key.hex, feeds[at % FEEDS])
                for at, key, _name, _moment in self.activities()
            ),
        )

    def activities_with_reactions(self):
        """Yield number, id as in the API and time of each activity with reactions."""
        from feedserver.ids import to_wire

        for at, key, _name, moment in self.activities():
            if at % FEEDS < FEEDS_WITH_REACTIONS:
                yield at, to_wire(key), moment

    def make_reactions(self):
        from feedserver.models import Reaction, ReactionCount

        columns = ["id", "name", "kind", "subject", "activity_id", "parent_id", "level"]
        columns += ["user_id", "data", "target_feeds", "extra_data", "updated_at"]
        runner.load(
            Reaction,
            columns,
            (
                row
                for at, name, moment in self.activities_with_reactions()
                for row in reactions(at, name, moment)
            ),
        )
        runner.load(
            ReactionCount,
            ["subject", "kind", "number"],
            (
                row
                for _at, name, _moment in self.activities_with_reactions()
                for row in (
                    (f"SA:{name}", "like", LIKES),
                    (f"SA:{name}", "comment", COMMENTS),
                    (f"SR:comment-{LIKES}-{name}", "like", 1),
                )
            ),
        )


def actor(at):
    return f"SU:p{at % PEOPLE}"


def target(at):
    return f"SO:things:{(at + at // FEEDS) % OBJECTS}"


def person(at, number):
    """Return the author of reaction `number`: the second is by the same person everywhere."""
    return f"p{1 if number == 1 else (at // FEEDS * LIKES + number) % PEOPLE}"


def reactions(at, name, moment):
    """Yield the rows of the reactions to an activity."""
    from feedserver.ids import fresh_id

    kinds = ["like"] * LIKES + ["comment"] * COMMENTS
    rest = ('{"text": "Well said."}', "[]", "{}", moment)
    for number, kind in enumerate(kinds):
        key = fresh_id(moment + timedelta(microseconds=number)).hex
        reaction_name = f"{kind}-{number}-{name}"
        yield key, reaction_name, kind, f"SA:{name}", name, None, 1, person(at, number), *rest
        if number == LIKES:
            reply = fresh_id(moment + timedelta(microseconds=100)).hex
            yield reply, f"answer-{name}", "like", f"SR:{reaction_name}", name, key, 2, "p9", *rest


class Client:
    """A factory of requests as clients send them."""

    def __init__(self):
        import jwt
        from django.test import RequestFactory

        from feedserver import conf

        self.requests = RequestFactory()
        self.key = conf.api_key()
        claims = {"resource": "*", "action": "*", "feed_id": "*"}
        self.token = jwt.encode(claims, conf.api_secret(), algorithm="HS256")

    def get(self, path, **parameters):
        query = {"api_key": self.key, "limit": PAGE_SIZE, **parameters}
        return self.requests.get(f"/api/v1.0/{path}", query, headers=self._headers())

    def post(self, path, body):
        address = f"/api/v1.0/{path}?api_key={self.key}"
        return self.requests.post(
            address, json.dumps(body), content_type="application/json", headers=self._headers()
        )

    def _headers(self):
        return {"authorization": self.token, "stream-auth-type": "jwt"}

    def request(self, way, feed):
        """Return a request of the kind `way` for the feed with this number."""
        if way == "trivial":
            return self.get("feed/user/nobody/")
        if way == "plain":
            return self.get(f"feed/user/f{feed}/")
        if way == "enriched":
            return self.get(f"enrich/feed/user/f{feed}/")
        if way == "with reactions":
            return self.get(f"enrich/feed/user/f{feed}/", user_id="p1", **REACTION_OPTIONS)
        body = {"actor": actor(feed), "verb": "post", "object": target(feed), "title": "A link"}
        # Not to the feeds that are read, since new activities have no reactions.
        return self.post(f"feed/user/f{FEEDS - 1 - feed}/", body)


def respond_to(request):
    from feedserver.http import respond

    response = respond(request)
    assert response.status_code in (200, 201), response.content
    return response


def check(data_set):
    """Exit unless the responses have the data that was made."""
    client = Client()
    rows = json.loads(respond_to(client.request("with reactions", 0)).content)["results"]
    shown = min(PAGE_SIZE, data_set.count // FEEDS)
    if len(rows) != shown or rows[0]["actor"]["data"]["name"] != "Person 0":
        sys.exit(f"{len(rows)} activities: {rows[:1]}")
    newest = rows[0]
    found = (newest["reaction_counts"], len(newest["latest_reactions"]["like"]))
    if found != ({"comment": COMMENTS, "like": LIKES}, 5) or "like" not in newest["own_reactions"]:
        sys.exit(f"reactions: {newest}")
    answered = newest["latest_reactions"]["comment"][-1]
    if len(answered["latest_children"]["like"]) != 1:
        sys.exit(f"children: {answered}")
    added = json.loads(respond_to(client.request("add", 0)).content)["id"]
    last = json.loads(respond_to(client.get(f"feed/user/f{FEEDS - 1}/")).content)["results"]
    if last[0]["id"] != added:
        sys.exit(f"{added} is not the newest of its feed")


def report(data_set):
    """Print the time of each kind of request; they alternate, each round with another feed."""
    client = Client()
    queries = {way: runner.count_queries(lambda way=way: send(client, way, 1)) for way in BUDGETS}
    taken = {way: ([], []) for way in BUDGETS}
    speeds, deadline = [], time.monotonic() + SECONDS
    for feed in islice(cycle(range(FEEDS_WITH_REACTIONS)), ROUNDS):
        speeds.append(runner.speed())
        for way, (times, work) in taken.items():
            request = client.request(way, feed)
            before = runner.processor_time()
            times += runner.timed(lambda request=request: respond_to(request), 1)
            work.append((runner.processor_time() - before) * 1000)
        if time.monotonic() > deadline:
            break
    print(f"milliseconds, {len(speeds)} rounds")
    print(
        f"{'':<16}{'work p50':>9}{'/ trivial':>11}{'clock p50':>11}{'p95':>8}{'/ trivial':>11}"
        f"{'queries':>9}{'budget':>8}"
    )
    for way, (times, work) in taken.items():
        parts = [
            f"{way:<16}{runner.p50(work):>9.2f}{ratio(work, taken['trivial'][1]):>11}",
            f"{runner.p50(times):>11.2f}{runner.p95(times):>8.2f}",
            f"{ratio(times, taken['trivial'][0]):>11}{queries[way]:>9}{BUDGETS[way] or '–':>8}",
        ]
        print("".join(parts))
    print(
        f"the machine: {runner.p50(speeds):.1f}/{runner.p95(speeds):.1f} ms (runner.speed)", end=""
    )
    print(f", load {os.getloadavg()[0]:.1f}")


def ratio(taken, trivial):
    return f"{runner.p50(taken) / runner.p50(trivial):.1f}x"


def send(client, way, feed):
    respond_to(client.request(way, feed))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.activities < FEEDS:
        parser.error(f"--activities must be {FEEDS:,} or more")
    if options.here:
        measure(options.activities)
    else:
        runner.run_everywhere("benchmarks.feedserver", [f"--activities={options.activities}"])


if __name__ == "__main__":
    main()

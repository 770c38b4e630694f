"""The feed server's answers out of a million activities: `python -m benchmarks.feedserver`.

5,000 flat feeds of 200 activities, each about another object; each activity of the first 200 feeds
has 6 likes and 2 comments, one of them answered, mostly by other people than its neighbours have.
Timed is what the server itself takes from the request to the bytes of the answer, in this process:
no socket, no client. A *trivial* request is the first page of a feed that holds nothing: key and
token are checked, one query is made. *Work* is processor time of this process and, on PostgreSQL,
of that of its connection, for neighbours on a shared machine count for little in it; *clock* is
what passed. `--activities` takes less.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

from benchmarks import runner

FEEDS, PEOPLE, THINGS, REACTED = 5_000, 1_000, 1_000, 200
LIKES, COMMENTS = 6, 2
SHOWN, ROUNDS, SECONDS = 25, 200, 120
END = datetime.now(UTC).replace(microsecond=0)
EVERYTHING = {
    "withReactionCounts": "true",
    "withOwnReactions": "true",
    "withRecentReactions": "true",
}
# What is asked, and its budget in milliseconds (benchmarks/RESULTS.md).
BUDGETS = {"trivial": None, "plain": None, "enriched": 5, "with reactions": 12, "add": 10}


def measure(activities):
    runner.set_up()
    world = World(activities)
    started = time.monotonic()
    world.make()
    runner.analyze()
    print(f"{activities:,} activities made in {time.monotonic() - started:.0f} s", flush=True)
    check(world)
    report(world)


class World:
    """Feeds, and `count` activities dealt out to them in turn."""

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
                for n in range(THINGS)
            ]
        )
        self.make_activities()
        self.make_reactions()

    def activities(self):
        """Yield the number, stored id, foreign id and time of each."""
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

    def reacted(self):
        """Yield number, id on the wire and time of each activity that has reactions."""
        from feedserver.ids import to_wire

        for at, key, _name, moment in self.activities():
            if at % FEEDS < REACTED:
                yield at, to_wire(key), moment

    def make_reactions(self):
        from feedserver.models import Reaction, ReactionCount

        columns = ["id", "name", "kind", "subject", "activity_id", "parent_id", "level"]
        columns += ["user_id", "data", "target_feeds", "extra_data", "updated_at"]
        runner.load(
            Reaction,
            columns,
            (row for at, name, moment in self.reacted() for row in said(at, name, moment)),
        )
        runner.load(
            ReactionCount,
            ["subject", "kind", "number"],
            (
                row
                for _at, name, _moment in self.reacted()
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
    return f"SO:things:{(at + at // FEEDS) % THINGS}"


def person(at, number):
    """Return who said the so-manieth to an activity: one to all, others to few."""
    return f"p{1 if number == 1 else (at // FEEDS * LIKES + number) % PEOPLE}"


def said(at, name, moment):
    """Yield the rows of the reactions to an activity."""
    from feedserver.ids import fresh_id

    kinds = ["like"] * LIKES + ["comment"] * COMMENTS
    rest = ('{"text": "Well said."}', "[]", "{}", moment)
    for number, kind in enumerate(kinds):
        key = fresh_id(moment + timedelta(microseconds=number)).hex
        own = f"{kind}-{number}-{name}"
        yield key, own, kind, f"SA:{name}", name, None, 1, person(at, number), *rest
        if number == LIKES:
            answer = fresh_id(moment + timedelta(microseconds=100)).hex
            yield answer, f"answer-{name}", "like", f"SR:{own}", name, key, 2, "p9", *rest


class Server:
    """Makes requests as clients do, and hands them to the server."""

    def __init__(self):
        import jwt
        from django.test import RequestFactory

        from feedserver import conf

        self.requests = RequestFactory()
        self.key = conf.api_key()
        claims = {"resource": "*", "action": "*", "feed_id": "*"}
        self.token = jwt.encode(claims, conf.api_secret(), algorithm="HS256")

    def get(self, path, **parameters):
        query = {"api_key": self.key, "limit": SHOWN, **parameters}
        return self.requests.get(f"/api/v1.0/{path}", query, headers=self._headers())

    def post(self, path, body):
        address = f"/api/v1.0/{path}?api_key={self.key}"
        return self.requests.post(
            address, json.dumps(body), content_type="application/json", headers=self._headers()
        )

    def _headers(self):
        return {"authorization": self.token, "stream-auth-type": "jwt"}

    def request(self, way, feed):
        """Return a request of one of the ways there are, to the feed with this number."""
        if way == "trivial":
            return self.get("feed/user/nobody/")
        if way == "plain":
            return self.get(f"feed/user/f{feed}/")
        if way == "enriched":
            return self.get(f"enrich/feed/user/f{feed}/")
        if way == "with reactions":
            return self.get(f"enrich/feed/user/f{feed}/", user_id="p1", **EVERYTHING)
        body = {"actor": actor(feed), "verb": "post", "object": target(feed), "title": "A link"}
        # Not to those that are read: what is new there has no reactions.
        return self.post(f"feed/user/f{FEEDS - 1 - feed}/", body)


def answer(request):
    from feedserver.http import respond

    response = respond(request)
    assert response.status_code in (200, 201), response.content
    return response


def check(world):
    """Stop unless the answers hold what was made."""
    server = Server()
    rows = json.loads(answer(server.request("with reactions", 0)).content)["results"]
    shown = min(SHOWN, world.count // FEEDS)
    if len(rows) != shown or rows[0]["actor"]["data"]["name"] != "Person 0":
        sys.exit(f"{len(rows)} activities: {rows[:1]}")
    newest = rows[0]
    found = (newest["reaction_counts"], len(newest["latest_reactions"]["like"]))
    if found != ({"comment": COMMENTS, "like": LIKES}, 5) or "like" not in newest["own_reactions"]:
        sys.exit(f"reactions: {newest}")
    answered = newest["latest_reactions"]["comment"][-1]
    if len(answered["latest_children"]["like"]) != 1:
        sys.exit(f"children: {answered}")
    added = json.loads(answer(server.request("add", 0)).content)["id"]
    last = json.loads(answer(server.get(f"feed/user/f{FEEDS - 1}/")).content)["results"]
    if last[0]["id"] != added:
        sys.exit(f"{added} is not the newest of its feed")


def report(world):
    """Print what each way takes; they take turns, each time with another feed."""
    server = Server()
    queries = {way: runner.queries_of(lambda way=way: once(server, way, 1)) for way in BUDGETS}
    taken = {way: ([], []) for way in BUDGETS}
    speeds, deadline = [], time.monotonic() + SECONDS
    for feed in islice(cycle(range(REACTED)), ROUNDS):
        speeds.append(runner.speed())
        for way, (times, work) in taken.items():
            request = server.request(way, feed)
            before = runner.worked()
            times += runner.timed(lambda request=request: answer(request), 1)
            work.append((runner.worked() - before) * 1000)
        if time.monotonic() > deadline:
            break
    print(f"milliseconds, {len(speeds)} rounds")
    print(
        f"{'':<16}{'work p50':>9}{'/ trivial':>11}{'clock p50':>11}{'p95':>8}{'/ trivial':>11}"
        f"{'queries':>9}{'budget':>8}"
    )
    for way, (times, work) in taken.items():
        parts = [
            f"{way:<16}{runner.p50(work):>9.2f}{times_of(work, taken['trivial'][1]):>11}",
            f"{runner.p50(times):>11.2f}{runner.p95(times):>8.2f}",
            f"{times_of(times, taken['trivial'][0]):>11}{queries[way]:>9}{BUDGETS[way] or '–':>8}",
        ]
        print("".join(parts))
    print(
        f"the machine: {runner.p50(speeds):.1f}/{runner.p95(speeds):.1f} ms (runner.speed)", end=""
    )
    print(f", load {os.getloadavg()[0]:.1f}")


def times_of(taken, trivial):
    return f"{runner.p50(taken) / runner.p50(trivial):.1f}x"


def once(server, way, feed):
    answer(server.request(way, feed))


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

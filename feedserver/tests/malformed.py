"""Random malformed requests, and checks of the responses."""

import json
import random
from io import BytesIO
from urllib.parse import quote, unquote_to_bytes, urlencode

from django.http import UnreadablePostError

from feedserver import conf
from feedserver.tests.calls import SERVER, paths, sign

ENRICHED = ("", "enrich/")
FEEDS = ["user:1", "user:2", "timeline:1", "aggregated:1", "notification:1"]
ACTIVITY = {"actor": "ana", "verb": "add", "object": "thing:1", "foreign_id": "a:1"}
TIMED = {**ACTIVITY, "time": "2026-01-02T03:04:05.000006"}
NAMED = {"foreign_id": "a:1", "time": TIMED["time"]}
FOLLOW = {"source": FEEDS[2], "target": FEEDS[0], "activity_copy_limit": 10, "keep_history": True}
PERSON = {"id": "1", "data": {"name": "Ana"}}
REACTION = {
    "kind": "like",
    "activity_id": "24f9d500-bb87-11e5-8080-80012ce3cc51",
    "parent": None,
    "user_id": "1",
    "data": {"a": 1},
    "target_feeds": [FEEDS[4]],
    "target_feeds_extra_data": {"b": 2},
    "id": "1",
}
BARE = [
    *(f"GET {start}feed/{feed.replace(':', '/')}/" for feed in FEEDS for start in ENRICHED),
    *(f"GET {start}activities/" for start in ENRICHED),
    *("DELETE feed/user/1/a:1/", "DELETE feed/timeline/1/following/user:1/", "GET stats/follow/"),
    *("GET feed/timeline/1/following/", "GET feed/user/1/followers/", "GET reaction/1/"),
    *("PUT reaction/1/restore/", "DELETE reaction/1/", "GET reaction/reaction_id/1/like/"),
    *("GET reaction/user_id/1/", f"GET reaction/activity_id/{REACTION['activity_id']}/"),
    *("GET reaction/get_many/", "GET user/1/", "GET users/", "DELETE user/2/", "DELETE users/"),
    *("GET audit_logs/", "GET og/", "GET collections/", "DELETE collections/"),
    *("GET collections/food/1/", "DELETE collections/food/2/"),
]
# Valid requests, of which parts are changed at random; the first word is a method.
CALLS = {
    "POST feed/user/1/": ACTIVITY,
    "POST feed/notification/1/": {**TIMED, "to": FEEDS, "custom": {"deep": [1, {"a": None}]}},
    "POST feed/aggregated/1/": {"activities": [TIMED, ACTIVITY]},
    "POST feed/add_to_many/": {"activity": ACTIVITY, "feeds": FEEDS},
    "POST feed/timeline/1/follows/": FOLLOW,
    "POST follow_many/": [FOLLOW, {**FOLLOW, "target": FEEDS[1]}],
    "POST unfollow_many/": [FOLLOW],
    "POST feed_targets/user/1/activity_to_targets/": {**NAMED, "new_targets": FEEDS[:2]},
    "POST feed_targets/user/2/activity_to_targets/": [{**NAMED, "added_targets": FEEDS[:1]}],
    "POST activities/": {"activities": [TIMED]},
    "POST activity/": {"changes": [{**NAMED, "set": {"a.b": 1, "c": {}}, "unset": ["d.e"]}]},
    "POST user/": PERSON,
    "PUT user/1/": PERSON,
    "POST users/": {"users": [PERSON, {"id": "2", "data": None}], "override": True},
    "POST collections/": {"data": {"food": [{"id": "1", "name": "Bun"}]}},
    "POST collections/food/": {"id": "1", "data": {"name": "Ana"}, "user_id": "1"},
    "PUT collections/food/1/": {"data": {"name": "Ana"}},
    "POST reaction/": REACTION,
    "PUT reaction/1/": {"data": {}, "target_feeds": FEEDS},
    "POST /analytics/v1.0/engagement/": {"content_list": [{"content": "1", "label": "click"}]},
    **{name: {} for name in BARE},
}
NAMES = [
    *("limit", "offset", "id_lt", "id_lte", "id_gt", "id_gte", "mark_seen", "mark_read", "ids"),
    *("foreign_ids", "timestamps", "filter", "foreign_id", "keep_history", "get_or_create"),
    *("activity_copy_limit", "ranking", "rankingVars", "ranking_vars", "withOwnReactions"),
    *("withRecentReactions", "withReactionCounts", "withOwnChildren", "withUserId", "user_id"),
    *("reactionKindsFilter", "reactionKindsFilter[]", "recentReactionsLimit", "with_activity_data"),
    *("followers", "following", "followers_slugs", "following_slugs", "with_follow_counts"),
    *("collection_name", "url", "soft", "entity_type", "entity_id", "next", "prev", "location"),
    *("children_user_id", "withScoreVars", "include_deleted", "api_key"),
]
TEXTS = [
    *("", " ", "0", "1", "-1", "25", "9" * 9, "9" * 400, "1e999", "NaN", "true", "True", "false"),
    *("null", "current", "a:1", "user:1", "user:1,user:2", "userx1", ":", "user:", ":1", "a.b.c"),
    *("SU:1", "SO:food:1", "SA:x", "SR:1", "SU:", "SO:", "2026-01-02T03:04:05", "2026-99-99"),
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "2026-01-02T03:04:05+99:99"),
    *("24f9d500-bb87-11e5-8080-80012ce3cc51", "00000000-0000-1000-8000-000000000000"),
    *("24f9d500-bb87-11e5-8080-80012ce3cc51.add_2026-01-02", "../../admin", "%00", "%ff", "\0"),
    *("é", "﷽", "\u202e", "\U0001f600" * 50, "x" * 300, "x" * 20_000, "{{ verb }}", "'--", "*"),
    *("http://[", "http://localhost/", '{"a":1}', "[", "a,b,,c", "," * 2_000, "\ud800"),
]
OTHERS = [
    *(None, True, False, 0, -1, 1, 3.5, -0.0, 2**63, -(2**63), 10**400, 1e308, [], {}, [[]], [{}]),
    *(
        [None],
        {"": None},
        {"id": None},
        ["user:1"] * 200,
        {"a": {"b": {"c": {}}}},
        [ACTIVITY] * 101,
    ),
]
METHODS = [
    "GET",
    "GET",
    "POST",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "get",
]
HOSTS = ["localhost", "evil.example", "a b/c", "", ":", "[", "\xff", "localhost:99999", "x" * 999]
TYPES = [
    *("application/json", "", "text/html; charset*=nope''x", "multipart/form-data", ";;=", "\xff"),
    *(
        "application/json; charset=hex",
        "application/json; charset=undefined",
        "a/b; charset=utf-16",
    ),
]
SERVER_ERROR = 500


class BrokenStream(BytesIO):
    """A body whose connection breaks while it is read."""

    def read(self, *args):
        raise UnreadablePostError("the connection broke")


class Requests:
    """Random WSGI environments, the same ones for the same seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.calls, self.paths = list(CALLS.items()), list(paths())

    def make(self):
        method, path, valid = self.call()
        body = self.body(valid)
        stream = BrokenStream if self.rarely() else BytesIO
        length = self.choose(["", "-1", "x", "9" * 12]) if self.rarely() else str(len(body))
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": self.query(),
            "CONTENT_LENGTH": length,
            "CONTENT_TYPE": self.choose(TYPES) if self.rarely() else TYPES[0],
            "HTTP_HOST": self.choose(HOSTS) if self.rarely() else HOSTS[0],
            "HTTP_AUTHORIZATION": self.token(),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.input": stream(body),
            "wsgi.url_scheme": "http",
        }

    def call(self):
        """Return a method, a path and a body, mostly those of a valid request."""
        name, body = self.choose(self.calls)
        method, _, path = name.partition(" ")
        if self.rarely():
            method, body = self.choose(METHODS), self.choose(self.calls)[1]
        if self.rarely():
            path = self.choose(self.paths)
        path = path if path.startswith("/") else f"/api/v1.0/{path}"
        return method, self.corrupt(path) if self.rng.random() < 0.1 else path, body

    def choose(self, values):
        return self.rng.choice(values)

    def rarely(self):
        return self.rng.random() < 0.05

    def corrupt(self, path):
        """Return a path with another part, but the same prefix: others are pages of the project."""
        parts = path.split("/")
        parts[self.rng.randrange(3, len(parts))] = quote(
            self.text(), safe="/%:", errors="surrogatepass"
        )
        return "/".join(parts)

    def query(self):
        key = conf.api_key() if not self.rarely() else self.text()
        pairs = [("api_key", key)]
        for _ in range(self.rng.choice([0, 1, 2, 4])):
            pairs.append((self.choose(NAMES[:-1]), self.text()))
        if self.rng.random() < 0.002:
            pairs += [("a", "1")] * 1001
        text = urlencode(pairs, errors="surrogatepass")
        return text if not self.rarely() else text + self.choose(["&%", "&%ff=%ff", "&=", "&" * 50])

    def text(self):
        if self.rarely():
            return "".join(chr(self.rng.randrange(1, 0xD800)) for _ in range(12))
        return self.choose(TEXTS)

    def token(self):
        """Return mostly a server token, often a user token, sometimes an invalid one."""
        draw = self.rng.random()
        if draw < 0.6:
            return sign(SERVER)
        if draw < 0.8:
            return sign({"user_id": "1"})
        if draw < 0.9:
            names = ["resource", "action", "feed_id", "user_id", "exp", "nbf", "iat", "aud"]
            return sign({name: self.value() for name in names if self.rng.random() < 0.6})
        good = sign(SERVER)
        corrupt = [good[:-3], good + "x", good.replace(".", "", 1), "..", "", "Bearer " + good]
        foreign = [
            sign(SERVER, secret="x" * 40),
            sign(SERVER, algorithm="HS512"),
            "\xff\xfe",
            "a.b",
        ]
        return self.choose([*corrupt, *foreign, sign(SERVER, secret="", algorithm="none")])

    def value(self):
        value = self.choose([*TEXTS, *OTHERS])
        # Not in a token: it cannot be encoded as JSON.
        return "" if value == "\ud800" else value

    def body(self, valid):
        if self.rarely():
            return self.rng.randbytes(self.rng.randrange(40))
        text = json.dumps(self.mutate(valid, self.choose([0, 0.03, 0.1, 0.3])))
        if self.rarely():
            cut = self.rng.randrange(len(text))
            text = self.choose([text[:cut], text + "}", "[" * 5_000, '{"a":NaN}', "1" * 5_000])
        if self.rng.random() < 0.002:
            text = json.dumps({"actor": "x" * 3_000_000})
        return text.encode()

    def mutate(self, value, share):
        """Return `value` with a share of its parts replaced, removed or duplicated."""
        if self.rng.random() < share:
            return self.choose([*TEXTS, *OTHERS])
        if isinstance(value, dict):
            kept = {
                name: self.mutate(part, share)
                for name, part in value.items()
                if self.rng.random() >= share / 2
            }
            return {**kept, self.text(): self.value()} if self.rng.random() < share else kept
        if isinstance(value, list):
            parts = [self.mutate(part, share) for part in value]
            return parts * self.choose([0, 2]) if self.rng.random() < share else parts
        return value


def send(application, environ):
    """Return the status and the body of an application's response."""
    answered = []
    parts = application(environ, lambda status, headers: answered.append(int(status[:3])))
    try:
        return answered[0], b"".join(parts)
    finally:
        parts.close()


def find_problem(status, content):
    """Return the problem in a response, or None."""
    if status >= SERVER_ERROR:
        return f"the status is {status}"
    try:
        body = json.loads(content)
    except ValueError:
        return "the body is no JSON"
    if not isinstance(body, dict) or not str(body.get("duration", "")).endswith("ms"):
        return "the body is no object with a duration"
    if status >= 400 and not (body.get("exception") and body.get("detail") and body.get("code")):
        return "the error is not told"
    return None


def send_many(applications, number, seed):
    """Send `number` requests to `applications` in turn.

    Return the count of each status, and the problems (with environment and body); stop after ten.
    """
    requests, statuses, problems = Requests(seed), {}, []
    for count in range(number):
        environ = requests.make()
        status, content = send(applications[count % len(applications)], dict(environ))
        statuses[status] = statuses.get(status, 0) + 1
        problem = find_problem(status, content)
        if problem:
            problems.append((problem, environ, content[:500]))
            if len(problems) == 10:
                break
    return statuses, problems

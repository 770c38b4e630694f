"""Reads from Stream's API: with the client's session, address and secret, but plain JSON.

The client's own decoder is not used: it turns every text that looks like a date into one, a title
"1999-12-31" too, and is slower than the embedded server.
"""

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from stream.exceptions import StreamApiException
from stream_django.client import stream_client

from feeds.stream.errors import NotStreamError, check_answer, retry_delay

# Stream's limit for one page and for one batch.
MAX_PAGE_SIZE = 100
MAX_RETRIES = 10
_wait = ContextVar("wait", default=None)
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)


@contextmanager
def retrying(wait):
    """Repeat reads of this thread while Stream is busy, after calling `wait(seconds)`."""
    token = _wait.set(wait)
    try:
        yield
    finally:
        _wait.reset(token)


def get(path, **options):
    """Return Stream's answer to a GET; raises the client's exceptions, and NotStreamError.

    `options` are those of `get_once`. Retries only within `retrying`.
    """
    wait, retries = _wait.get(), MAX_RETRIES
    while True:
        try:
            return get_once(path, **options)
        except StreamApiException as error:
            seconds = retry_delay(error)
            if not (wait and retries and seconds):
                raise
        wait(seconds)
        retries -= 1


def get_once(path, *, concurrency=None, timeout=None, **params):
    """Make a GET with `params`; a ConcurrencyLimit bounds how many run at once, and how long."""
    timeout = timeout or stream_client.timeout
    with concurrency.slot() if concurrency else nullcontext():
        response = stream_client.session.get(
            stream_client.get_full_url("api", path),
            params={**stream_client.get_default_params(), **params},
            headers={
                **stream_client.get_default_header(),
                "Authorization": stream_client.create_jwt_token("*", "*", feed_id="*"),
                "stream-auth-type": "jwt",
            },
            timeout=min(timeout, concurrency.seconds) if concurrency else timeout,
        )
    answer = check_answer(response.json())
    if answer.get("exception"):
        stream_client.raise_exception(answer, status_code=response.status_code)
    if response.status_code != 200:
        raise NotStreamError(f"answered with {response.status_code}")
    return answer


def pages(feed):
    """Yield each page of a feed, the newest first, and whether it is the last one."""
    path, bounds = f"feed/{feed.group}/{feed.pk}/", {}
    while True:
        answer = get(path, limit=MAX_PAGE_SIZE, **bounds)
        older = parse_qs(urlsplit(answer["next"]).query).get("id_lt")
        yield answer["results"], not older
        if not older:
            return
        bounds = {"id_lt": older[0]}


def follows_of(feed):
    """Return when a feed began to follow each feed that it follows, by that feed's name."""
    path, follows, offset = f"feed/{feed.group}/{feed.pk}/follows/", {}, 0
    while True:
        rows = get(path, limit=MAX_PAGE_SIZE, offset=offset, filter="")["results"]
        follows |= {row["target_id"]: parse_time(row["created_at"]) for row in rows}
        offset += len(rows)
        if len(rows) < MAX_PAGE_SIZE:
            return follows


def find_activities(activities):
    """Return the activities that foreign id and time name, by the foreign id requested.

    `activities` are at most MAX_PAGE_SIZE, as they should be; those that Stream does not have are
    missing.
    """
    if not activities:
        return {}
    times = {activity["foreign_id"]: parse_time(activity["time"]) for activity in activities}
    rows = _get_activities(activities)
    by_name = {(row["foreign_id"], time_of(row["id"])): row for row in rows}
    found = {name: by_name[name, time] for name, time in times.items() if (name, time) in by_name}
    # An activity whose foreign id was damaged is still returned for its own, if requested alone.
    known = {row["id"] for row in found.values()}
    damaged = {time_of(row["id"]) for row in rows if row["id"] not in known}
    for activity in activities:
        name = activity["foreign_id"]
        if name not in found and times[name] in damaged and (alone := _get_activities([activity])):
            found[name] = alone[0]
    return found


def _get_activities(activities):
    return get(
        "activities/",
        foreign_ids=",".join(activity["foreign_id"] for activity in activities),
        timestamps=",".join(activity["time"] for activity in activities),
    )["results"]


def get_users(keys):
    """Return the data of the users that exist among `keys`, by key."""
    rows = get("users/", ids=",".join(keys))["users"]
    return {row["id"]: row["data"] for row in rows}


def get_objects(collection, keys):
    """Return the data of the objects of a collection that exist among `keys`, by key."""
    names = ",".join(f"{collection}:{key}" for key in keys)
    rows = get("collections/", foreign_ids=names)["response"]["data"]
    return {row["id"]: row["data"] for row in rows}


def time_of(activity_id):
    """Return the time in an id (of an activity, or of a group by its newest activity).

    Feeds are ordered by it, whatever the `time` of an activity says.
    """
    ticks = UUID(activity_id.partition(".")[0]).time
    return _GREGORIAN + timedelta(microseconds=ticks // 10)


def parse_time(text):
    """Return the aware datetime of a time of Stream's, which is UTC without saying so."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)

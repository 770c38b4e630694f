"""Asking Stream: the client's session, address and secret, and answers as JSON says them.

Not by the client's own decoder: that makes a date of every text that looks like one, a title
"1999-12-31" too, and takes longer than the embedded server.
"""

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from stream.exceptions import StreamApiException
from stream_django.client import stream_client

from feeds.answers import NotStreamError, answered, seconds_to_wait

# What Stream takes in one page and in one batch.
MOST = 100
# How often in a row a question may wait to be asked again.
MOST_WAITS = 10
_patience = ContextVar("patience", default=None)
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)


@contextmanager
def patiently(wait):
    """Ask again where Stream says it is busy, after `wait(seconds)`: what this thread asks here."""
    token = _patience.set(wait)
    try:
        yield
    finally:
        _patience.reset(token)


def ask(path, **options):
    """Return Stream's answer to a GET; raises the client's exceptions, and NotStreamError.

    `options` are those of `ask_once`. It is asked several times only within `patiently`.
    """
    wait, waits = _patience.get(), MOST_WAITS
    while True:
        try:
            return ask_once(path, **options)
        except StreamApiException as error:
            seconds = seconds_to_wait(error)
            if not (wait and waits and seconds):
                raise
        wait(seconds)
        waits -= 1


def ask_once(path, *, places=None, timeout=None, **params):
    """Make a GET with `params`.

    Whoever asks from a page waits for as long, and with as many others, as `places` lets them.
    """
    patience = [timeout or stream_client.timeout, *([places.seconds] if places else [])]
    with places.one() if places else nullcontext():
        response = stream_client.session.get(
            stream_client.get_full_url("api", path),
            params={**stream_client.get_default_params(), **params},
            headers={
                **stream_client.get_default_header(),
                "Authorization": stream_client.create_jwt_token("*", "*", feed_id="*"),
                "stream-auth-type": "jwt",
            },
            timeout=min(patience),
        )
    answer = answered(response.json())
    if answer.get("exception"):
        stream_client.raise_exception(answer, status_code=response.status_code)
    if response.status_code != 200:
        raise NotStreamError(f"answered with {response.status_code}")
    return answer


def pages(feed):
    """Yield each page of a feed, the newest first, and whether it is the last one."""
    path, bounds = f"feed/{feed.group}/{feed.pk}/", {}
    while True:
        answer = ask(path, limit=MOST, **bounds)
        following = parse_qs(urlsplit(answer["next"]).query).get("id_lt")
        yield answer["results"], not following
        if not following:
            return
        bounds = {"id_lt": following[0]}


def following(feed):
    """Return what a feed follows: when that began, by the followed feed's name."""
    found, offset = {}, 0
    while True:
        rows = ask(f"feed/{feed.group}/{feed.pk}/follows/", limit=MOST, offset=offset, filter="")
        rows = rows["results"]
        found |= {row["target_id"]: parse_time(row["created_at"]) for row in rows}
        offset += len(rows)
        if len(rows) < MOST:
            return found


def named(activities):
    """Return the activities that foreign id and time name, by the foreign id asked for.

    `activities` are at most MOST, as they should be; those that Stream does not have are missing.
    """
    if not activities:
        return {}
    times = {activity["foreign_id"]: parse_time(activity["time"]) for activity in activities}
    rows = _named(activities)
    found = {(row["foreign_id"], time_in(row["id"])): row for row in rows}
    answers = {name: found[name, time] for name, time in times.items() if (name, time) in found}
    # One whose foreign id was damaged answers to its own name still, asked for by itself.
    known = {row["id"] for row in answers.values()}
    damaged = {time_in(row["id"]) for row in rows if row["id"] not in known}
    for activity in activities:
        name = activity["foreign_id"]
        if name not in answers and times[name] in damaged and (alone := _named([activity])):
            answers[name] = alone[0]
    return answers


def _named(activities):
    return ask(
        "activities/",
        foreign_ids=",".join(activity["foreign_id"] for activity in activities),
        timestamps=",".join(activity["time"] for activity in activities),
    )["results"]


def users(keys):
    """Return the data of the users that exist of `keys`, by key."""
    rows = ask("users/", ids=",".join(keys))["users"]
    return {row["id"]: row["data"] for row in rows}


def objects(collection, keys):
    """Return the data of the objects that a collection has of `keys`, by key."""
    names = ",".join(f"{collection}:{key}" for key in keys)
    rows = ask("collections/", foreign_ids=names)["response"]["data"]
    return {row["id"]: row["data"] for row in rows}


def time_in(activity_id):
    """Return the time that an id (of an activity, or of a group by its newest one) holds.

    It is what feeds are ordered by, whatever an activity says its time is.
    """
    ticks = UUID(activity_id.partition(".")[0]).time
    return _GREGORIAN + timedelta(microseconds=ticks // 10)


def parse_time(text):
    """Return the aware datetime of a time of Stream's, which is UTC without saying so."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)

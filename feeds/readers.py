"""Reading feeds for pages."""

import datetime
import logging
import uuid
from dataclasses import dataclass, field

from django.http import Http404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from stream_django.client import stream_client

from feeds import conf
from feeds.tokens import read_token

logger = logging.getLogger(__name__)


@dataclass
class FeedPage:
    """One page of a feed as `feeds/_feed.html` shows it, and what `feed.js` needs to go on.

    `older` is the activity id that the next page comes before, or "" at the end. `failed`: Stream
    could not be read. `deferred`: the browser reads this page itself.
    """

    group: str
    feed_id: str
    token: str
    url: str
    token_url: str
    api_key: str
    page_size: int
    activities: list = field(default_factory=list)
    older: str = ""
    failed: bool = False
    deferred: bool = False


def read_page(request, group, feed_id):
    """Return the page of the feed `group:feed_id` that `?before=<activity id>` names.

    Where feeds are hosted the page waits for nothing: it is deferred to the browser, unless
    `?load=server` asks otherwise. Raises Http404 for a `before` that is no id.
    """
    page = FeedPage(
        group=group,
        feed_id=feed_id,
        token=read_token(group, feed_id).value,
        url=f"{conf.get('FEEDS_API_URL')}enrich/feed/{group}/{feed_id}/",
        token_url=reverse("feeds:token", args=[group, feed_id]),
        api_key=stream_client.api_key,
        page_size=conf.get("FEED_PAGE_SIZE"),
    )
    before = activity_id(request.GET.get("before", ""))
    if conf.is_embedded() or request.GET.get("load") == "server":
        return fill(page, before)
    page.deferred, page.older = True, before
    return page


def activity_id(text):
    """Return `text` if it is empty or an activity's id; raise Http404 otherwise."""
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        raise Http404


def fill(page, before):
    """Read the activities of `page` from Stream; one that cannot be read says so."""
    options = {"limit": page.page_size, **({"id_lt": before} if before else {})}
    try:
        feed = stream_client.feed(page.group, page.feed_id)
        answer = feed.get(enrich=True, **options)
        results = answer["results"]
        page.activities = [tidy(activity) for activity in results if is_whole(activity)]
        page.older = results[-1]["id"] if answer.get("next") and results else ""
    except Exception:  # the client passes garbage on as any kind of error, and no page fails for it
        logger.warning("feed not read", exc_info=True, extra={"group": page.group})
        page.activities, page.failed = [], True
    return page


def is_whole(activity):
    """Return whether what `activity` is about still exists."""
    parts = (activity["actor"], activity["object"])
    return all(isinstance(part, dict) and "error" not in part for part in parts)


def tidy(activity):
    """Return `activity` with a datetime as its `time` and every other text as it was written.

    The client turns each text that looks like a date into one, a title "1999-12-31" too, and
    leaves a time without a fraction of a second a text.
    """
    moment = activity["time"]
    if isinstance(moment, str):
        moment = parse_datetime(moment).replace(tzinfo=datetime.UTC)
    return {**as_written(activity), "time": moment}


def as_written(value):
    if isinstance(value, dict):
        return {name: as_written(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_written(part) for part in value]
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, datetime.date) else value

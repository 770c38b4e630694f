"""Reading feeds for pages."""

import logging
import re
from dataclasses import dataclass, field
from datetime import datetime

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from stream_django.client import stream_client

from feeds import conf
from feeds.stream.api import get, parse_time
from feeds.stream.concurrency import FEED_READS
from feeds.tokens import read_token

logger = logging.getLogger(__name__)

AGGREGATED_GROUPS = {"timeline", "notification"}
# Verbs of which a headline says who, not how much; and the forms that it takes.
ACTOR_VERBS = {"follow", "follow_collection", "save"}
ACTOR_FORMS = ("1", "2", "3", "many")
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(\.[^\x00,]{1,255})?")
# Activities of a group that are seen before one unfolds it.
SHOWN = 2


@dataclass
class FeedPage:
    """One page of a feed as `feeds/_feed.html` shows it, and what `feed.js` needs to go on.

    `items` are activities, or ActivityGroups where the feed is aggregated. `older` is the id that
    the next page comes before, or "" at the end. `failed`: Stream could not be read. `deferred`:
    the browser reads this page itself. `unseen` and `unread`: groups of a notification feed.
    `since`: above what was there then a line is drawn.
    """

    group: str
    feed_id: str
    token: str
    url: str
    token_url: str
    api_key: str
    page_size: int
    items: list = field(default_factory=list)
    older: str = ""
    newest: str = ""
    since: datetime | None = None
    unseen: int = 0
    unread: int = 0
    failed: bool = False
    deferred: bool = False

    @property
    def is_aggregated(self):
        return self.group in AGGREGATED_GROUPS

    @property
    def has_marks(self):
        return self.group == "notification"

    @property
    def state(self):
        """Return what is said below the list: "older", "end", or "" for nothing yet."""
        if self.failed or self.deferred:
            return ""
        return "older" if self.older else "end"

    @property
    def blank(self):
        """Return what a row is rendered from for `activity.js` to fill."""
        return [None]

    @property
    def actor_forms(self):
        return ACTOR_FORMS


@dataclass(frozen=True)
class ActivityGroup:
    """A group of an aggregated feed: its newest activities, and how many there are in all."""

    id: str
    group: str
    verb: str
    activities: list
    activity_count: int
    actor_count: int
    time: datetime
    is_seen: bool = True
    is_read: bool = True

    @cached_property
    def actors(self):
        """Return who did the newest activities, each once."""
        actors = {activity["actor"]["id"]: activity["actor"] for activity in self.activities}
        return list(actors.values())

    @property
    def form(self):
        """Return how a headline puts it: "1", "2", "3" or "many".

        By actors where it tells who follows or saved something, by activities otherwise.
        """
        if self.verb not in ACTOR_VERBS:
            return "1" if self.activity_count == 1 else "many"
        count = str(self.actor_count if len(self.actors) > 1 else 1)
        return count if count in ACTOR_FORMS else "many"

    @property
    def other_actor_count(self):
        """Return how many more there are than the two that a headline names."""
        return self.actor_count - 2

    @property
    def shown(self):
        """Return the activities to be seen at once; `hidden` ones are seen when asked for."""
        return self.activities[:SHOWN]

    @property
    def hidden(self):
        return self.activities[SHOWN:]

    @property
    def more_count(self):
        """Return how many activities there are that Stream's answer left out."""
        return self.activity_count - len(self.activities)


def read_page(request, group, feed_id, *, page_size=None, since=None, **options):
    """Return the page of the feed `group:feed_id` that `?before=<id>` names.

    Where feeds are hosted the page waits for nothing: it is deferred to the browser, unless
    `?load=server` asks otherwise. Raises Http404 for a `before` that is no id. `options` are
    further parameters of Stream's, such as `mark_seen`.
    """
    page = FeedPage(
        group=group,
        feed_id=feed_id,
        token=read_token(group, feed_id).value,
        url=f"{conf.get('FEEDS_API_URL')}enrich/feed/{group}/{feed_id}/",
        token_url=reverse("feeds:token", args=[group, feed_id]),
        api_key=stream_client.api_key,
        page_size=page_size or conf.get("FEED_PAGE_SIZE"),
        since=since,
    )
    before = read_id(request.GET.get("before", ""))
    if conf.is_embedded() or request.GET.get("load") == "server":
        return fill(page, before, options)
    page.deferred, page.older = True, before
    return page


def read_id(text):
    """Return `text` if it is empty or the id of an activity or a group; raise Http404 otherwise.

    The id of a notification group is that of an activity, a dot and the name of the group.
    """
    if text and not ID.fullmatch(text):
        raise Http404
    return text


def fill(page, before, options):
    """Read `page` from Stream; one that cannot be read says so."""
    bounds = {"id_lt": before} if before else {}
    try:
        answer = fetch(page.group, page.feed_id, limit=page.page_size, **bounds, **options)
        results = answer["results"]
        page.items = [item for result in results if (item := make_item(result))]
        page.older = results[-1]["id"] if answer.get("next") and results else ""
        page.newest = "" if before or not results else results[0]["id"]
        page.unseen, page.unread = answer.get("unseen", 0), answer.get("unread", 0)
    except Exception:  # garbage is passed on as any kind of error, and no page fails for it
        logger.warning("feed not read", exc_info=True, extra={"group": page.group})
        page.items, page.failed = [], True
    return page


def count_unseen(feed_id):
    """Return how many groups of a notification feed are unseen, None if it cannot be read."""
    try:
        return fetch("notification", feed_id, limit=0)["unseen"]
    except Exception:  # as above
        logger.warning("unseen not counted", exc_info=True)
        return None


def fetch(group, feed_id, **query):
    """Return Stream's answer for an enriched feed, as JSON says it."""
    return get(f"enrich/feed/{group}/{feed_id}/", concurrency=FEED_READS, **query)


def make_item(result):
    """Return the activity or the group that `result` is, or None if nothing of it is left."""
    if "activity_count" not in result:
        return tidy(result) if is_whole(result) else None
    activities = [tidy(activity) for activity in result["activities"] if is_whole(activity)]
    if not activities:
        return None
    names = ("id", "group", "verb", "activity_count", "actor_count", "is_seen", "is_read")
    shown = {name: result[name] for name in names if name in result}
    return ActivityGroup(activities=activities, time=parse_time(result["updated_at"]), **shown)


def is_whole(activity):
    """Return whether what `activity` is about still exists."""
    parts = (activity["actor"], activity["object"])
    return all(isinstance(part, dict) and "error" not in part for part in parts)


def tidy(activity):
    """Return `activity` with a datetime as its `time`."""
    return {**activity, "time": parse_time(activity["time"])}

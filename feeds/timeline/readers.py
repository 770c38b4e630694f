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
from feeds.published import ACTIVITIES, PEOPLE, models_on, published_models
from feeds.stream import groups
from feeds.stream.api import get, parse_time
from feeds.stream.concurrency import FEED_READS
from feeds.stream.tokens import read_token

logger = logging.getLogger(__name__)

# The forms that a headline takes, by what it counts.
FORMS = {ACTIVITIES: ("1", "many"), PEOPLE: ("1", "2", "3", "many")}
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(\.[^\x00,]{1,255})?")
# Activities of a group that are shown before the reader unfolds it.
PREVIEW_COUNT = 2


@dataclass
class FeedPage:
    """One page of a feed as `feeds/_feed.html` shows it, with what `feed.js` needs for the next.

    `items` are activities, or ActivityGroups where the feed is aggregated. `older` is the id that
    the next page comes before, or "" at the end. `failed`: Stream could not be read. `deferred`:
    the browser reads this page itself. `unseen` and `unread`: groups of a notification feed.
    `since`: a line is drawn above what was there at that time.
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

    @cached_property
    def type(self):
        """Return the type of the feed's group: flat, aggregated or notification."""
        return groups.configured_groups()[self.group].type

    @property
    def verbs(self):
        """Return for each verb on the feed its name, what headlines count, and their forms."""
        return [(model.verb, model.counts, FORMS[model.counts]) for model in models_on(self.group)]

    @property
    def state(self):
        """Return the state shown below the list: "older", "end", or "" for nothing yet."""
        if self.failed or self.deferred:
            return ""
        return "older" if self.older else "end"

    @property
    def blank(self):
        """Return the activities of a template of rows, which `activity.js` fills."""
        return [None]


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
        """Return the actors of the newest activities, each once."""
        actors = {activity["actor"]["id"]: activity["actor"] for activity in self.activities}
        return list(actors.values())

    @property
    def form(self):
        """Return the form of the headline, by the number of what it counts."""
        counts_by_verb = {model.verb: model.counts for model in published_models()}
        counts = counts_by_verb.get(self.verb, ACTIVITIES)  # no model may have the verb now
        count = self.activity_count
        if counts == PEOPLE:
            # A headline can name no second person if the newest activities are all of one.
            count = self.actor_count if len(self.actors) > 1 else 1
        return str(count) if str(count) in FORMS[counts] else "many"

    @property
    def other_actor_count(self):
        """Return the number of people besides the two that a headline names."""
        return self.actor_count - 2

    @property
    def shown(self):
        """Return the activities shown at once; `hidden` ones are shown on request."""
        return self.activities[:PREVIEW_COUNT]

    @property
    def hidden(self):
        return self.activities[PREVIEW_COUNT:]

    @property
    def more_count(self):
        """Return the number of activities that Stream's answer left out."""
        return self.activity_count - len(self.activities)


def read_page(request, group, feed_id, *, page_size=None, since=None, **options):
    """Return the page of the feed `group:feed_id` that `?before=<id>` names.

    Where feeds are hosted the view does not wait for Stream: the page is deferred to the browser,
    unless `?load=server` is given. Raises Http404 if `before` is not an id. `options` are further
    parameters of Stream's API, such as `mark_seen`.
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
        return load_items(page, before, options)
    page.deferred, page.older = True, before
    return page


def read_id(text):
    """Return `text` if it is empty or the id of an activity or a group; raise Http404 otherwise.

    The id of a notification group is that of an activity, a dot and the name of the group.
    """
    if text and not ID.fullmatch(text):
        raise Http404
    return text


def load_items(page, before, options):
    """Read the items of `page` from Stream, or mark it as failed."""
    bounds = {"id_lt": before} if before else {}
    try:
        answer = fetch(page.group, page.feed_id, limit=page.page_size, **bounds, **options)
        results = answer["results"]
        page.items = [item for result in results if (item := make_item(result))]
        page.older = results[-1]["id"] if answer.get("next") and results else ""
        page.newest = "" if before or not results else results[0]["id"]
        page.unseen, page.unread = answer.get("unseen", 0), answer.get("unread", 0)
    except Exception:  # a garbled answer raises anything, and no page fails because of it
        logger.warning("feed not read", exc_info=True, extra={"group": page.group})
        page.items, page.failed = [], True
    return page


def count_unseen(feed_id):
    """Return the number of unseen groups of a notification feed, None if it cannot be read."""
    try:
        return fetch(groups.notification(), feed_id, limit=0)["unseen"]
    except Exception:  # as above
        logger.warning("unseen not counted", exc_info=True)
        return None


def fetch(group, feed_id, **query):
    """Return Stream's answer for an enriched feed, as parsed JSON."""
    return get(f"enrich/feed/{group}/{feed_id}/", concurrency=FEED_READS, **query)


def make_item(result):
    """Return an activity or an ActivityGroup, or None if all that it is about is gone."""
    if "activity_count" not in result:
        return with_time(result) if is_whole(result) else None
    activities = [with_time(activity) for activity in result["activities"] if is_whole(activity)]
    if not activities:
        return None
    names = ("id", "group", "verb", "activity_count", "actor_count", "is_seen", "is_read")
    shown = {name: result[name] for name in names if name in result}
    return ActivityGroup(activities=activities, time=parse_time(result["updated_at"]), **shown)


def is_whole(activity):
    """Return whether the actor and the object of `activity` still exist."""
    parts = (activity["actor"], activity["object"])
    return all(isinstance(part, dict) and "error" not in part for part in parts)


def with_time(activity):
    """Return `activity` with a datetime as its `time`."""
    return {**activity, "time": parse_time(activity["time"])}

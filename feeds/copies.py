"""What feeds that follow others should hold, and whom they should follow.

Only the newest WINDOW activities are worked out: that is what Stream copies when one follows, so
what mending can bring back.
"""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from feeds import asking, feed_mapping
from feeds.claims import current_destination
from feeds.differences import Difference
from feeds.feed_mapping import FeedName, subject_of
from feeds.models import OutboxEntry

WINDOW = 100
# The most that Stream copies when one follows.
LONGEST_COPY = 1000


@dataclass(frozen=True)
class Expected:
    """An activity that a feed should hold; `origins` are the followed feeds that bring it.

    `is_direct`: it is addressed to the feed itself. Not `is_needed`: it may be there or not, for
    what was on a feed before is no news to one that follows it without history.
    """

    row: Any
    activity: dict
    origins: tuple
    is_direct: bool
    is_needed: bool

    @property
    def subjects(self):
        return frozenset({subject_of(self.row)})


@dataclass
class Wanted:
    """What a feed should hold: `newest`, by id; of what is not after `end` nothing is known."""

    feed: FeedName
    follows: dict
    newest: dict = field(default_factory=dict)
    end: datetime | None = None

    def holds(self, row):
        """Return whether the activity of a row belongs on the feed, however old it is."""
        return belongs(row, self.feed, self.follows)

    def keys(self, expected):
        return frozenset({str(self.feed), *expected.origins})

    def remedies(self, expected):
        """Return what brings an activity back and has its group counted anew."""
        return {
            "add": [expected.activity["foreign_id"]] if expected.is_direct else [],
            "follow": [[origin, self._reach(origin, expected)] for origin in expected.origins],
        }

    def _reach(self, origin, expected):
        """Return how many of the newest activities of `origin` are to be copied."""
        rank = number_on(origin, gte=expected.row.created_at)
        return max(rank, WINDOW) if self.follows[origin].limit is None else rank


def belongs(row, feed, follows):
    """Return whether the activity of a row is on a feed, which follows `follows`."""
    feeds = feed_mapping.feeds_of(row)
    return str(feed) in feeds or any(name in follows for name in feeds)


def number_on(name, **times):
    """Return how many activities a feed has in a time, or as many as can be copied."""
    return sum(1 for _row in islice(feed_mapping.rows_on(*_parted(name), **times), LONGEST_COPY))


def _parted(name):
    group, _, pk = name.partition(":")
    return group, [pk]


def compare_follows(feed, follows, standing):
    """Yield the Differences between what a feed is to follow and what it follows."""
    for target, followed in follows.items():
        if target not in standing:
            limit = copy_limit(target, followed)
            yield Difference(
                str(feed),
                f"does not follow {target}",
                frozenset({subject_of(followed.row)}),
                frozenset({target, str(feed)}),
                feed_remedies={"follow": [[target, WINDOW if limit is None else limit]]},
            )
    for target in standing.keys() - follows.keys():
        keys = frozenset({target, str(feed)})
        remedies = {"unfollow": [target]}
        yield Difference(str(feed), f"follows {target}", keys=keys, feed_remedies=remedies)


def copy_limit(target, followed):
    """Return how many activities a follow copies; None for Stream's usual number.

    Without history (0) it is those that came after the row and are there by now: none for one that
    is told at once, or before what came after it.
    """
    if followed.limit is None or followed.limit:
        return followed.limit
    later = feed_mapping.rows_on(*_parted(target), gt=followed.row.created_at)
    subjects = [subject_of(row) for row in islice(later, LONGEST_COPY)]
    untold = _untold(target) if subjects else ()
    return sum(subject not in untold for subject in subjects)


def _untold(feed):
    """Return the subjects of what is still to be added to a feed, or was refused."""
    adds = OutboxEntry.objects.filter(
        destination=current_destination(), delivered_at=None, key=feed, operation="add"
    )
    return set(adds.values_list("subject", flat=True))


def expect(feed, follows):
    """Return what a feed should hold, of all that Stream knows of."""
    rows = list(islice(_candidates(feed, follows), WINDOW + 1))
    wanted = Wanted(feed, follows)
    if len(rows) > WINDOW:
        wanted.end = rows[-1].created_at
        rows = [row for row in rows if row.created_at > wanted.end]
    activities = [feed_mapping.activity_of(row) for row in rows]
    held = asking.named(activities)
    for row, activity in zip(rows, activities, strict=True):
        known = held.get(activity["foreign_id"])
        if known:  # what Stream has nowhere is missing on the feed it was added to
            named = {**activity, "id": known["id"]}
            wanted.newest[known["id"]] = _expected(feed, follows, row, named)
    return wanted


def _candidates(feed, follows):
    """Yield the rows that a feed may hold, the newest first, each once."""
    keys, seen = {}, set()
    for target in follows:
        group, _, pk = target.partition(":")
        keys.setdefault(group, []).append(pk)
    queries = [feed_mapping.rows_on(feed.group, [feed.pk])]
    queries += [feed_mapping.rows_on(group, some) for group, some in keys.items()]
    for row in heapq.merge(*queries, key=lambda row: row.created_at, reverse=True):
        if subject_of(row) not in seen:
            seen.add(subject_of(row))
            yield row


def _expected(feed, follows, row, activity):
    feeds = feed_mapping.feeds_of(row)
    origins = tuple(name for name in feeds if name in follows)
    is_direct = str(feed) in feeds
    is_needed = is_direct or any(_brings(follows[name], row) for name in origins)
    return Expected(row, activity, origins, is_direct, is_needed)


def _brings(followed, row):
    """Return whether a follow must have brought the activity of a row: without history, a later."""
    return followed.limit is None or row.created_at > followed.row.created_at

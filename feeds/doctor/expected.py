"""Expected state of a feed that follows others, worked out from the database.

Only the newest WINDOW activities are: Stream copies as many with a follow, so a repair can restore
them.
"""

import heapq
from dataclasses import dataclass
from itertools import islice
from typing import Any

from feeds import feed_mapping
from feeds.feed_mapping import subject_of
from feeds.outbox.operations import MAX_COPIED, parse_feed
from feeds.stream import api

WINDOW = 100


@dataclass(frozen=True)
class ExpectedActivity:
    """An activity that a feed should hold; `origins` are the followed feeds that bring it.

    `is_direct`: it is addressed to the feed itself. Not `is_needed`: it may be missing, because a
    follow without history does not copy what is older.
    """

    row: Any
    activity: dict
    origins: tuple
    is_direct: bool
    is_needed: bool


class ExpectedFeed:
    """The activities that a feed should hold: the `newest`, by id; `end` is the time before them.

    `end` is None if these are all. `follows` are the feeds that it should follow.
    """

    def __init__(self, feed):
        self.feed, self.follows = feed, feed_mapping.expected_follows(feed)
        rows, self.end = list(islice(self._candidates(), WINDOW + 1)), None
        if len(rows) > WINDOW:
            self.end = rows[-1].created_at
            rows = [row for row in rows if row.created_at > self.end]
        activities = [feed_mapping.activity_of(row) for row in rows]
        known = api.find_activities(activities)
        # What Stream does not have at all is reported as missing on the feed it was added to.
        self.newest = {
            known[activity["foreign_id"]]["id"]: self._expect(row, activity, known)
            for row, activity in zip(rows, activities, strict=True)
            if activity["foreign_id"] in known
        }

    def _candidates(self):
        """Yield the rows that the feed may hold, the newest first, each once."""
        keys, seen = {}, set()
        for target in self.follows:
            group, pk = parse_feed(target)
            keys.setdefault(group, []).append(pk)
        queries = [feed_mapping.rows_on(self.feed.group, [self.feed.pk])]
        queries += [feed_mapping.rows_on(group, pks) for group, pks in keys.items()]
        for row in heapq.merge(*queries, key=lambda row: row.created_at, reverse=True):
            if subject_of(row) not in seen:
                seen.add(subject_of(row))
                yield row

    def _expect(self, row, activity, known):
        activity = {**activity, "id": known[activity["foreign_id"]]["id"]}
        feeds = feed_mapping.feeds_of(row)
        origins = tuple(name for name in feeds if name in self.follows)
        is_direct = str(self.feed) in feeds
        is_needed = is_direct or any(self._must_copy(name, row) for name in origins)
        return ExpectedActivity(row, activity, origins, is_direct, is_needed)

    def _must_copy(self, origin, row):
        follow = self.follows[origin]
        return follow.limit is None or row.created_at > follow.row.created_at

    def fixes(self, expected):
        """Return what restores an activity and recounts its group."""
        adds = [("add", expected.activity["foreign_id"])] if expected.is_direct else []
        return adds + [
            ("follow", origin, self._history(origin, expected)) for origin in expected.origins
        ]

    def _history(self, origin, expected):
        """Return how many of the newest activities of `origin` a follow must copy."""
        group, pk = parse_feed(origin)
        rows = feed_mapping.rows_on(group, [pk], gte=expected.row.created_at)
        count = sum(1 for _row in islice(rows, MAX_COPIED))
        return max(count, WINDOW) if self.follows[origin].limit is None else count


def belongs(row, feed, follows):
    """Return whether the activity of a row belongs on a feed that follows `follows`."""
    return any(name == str(feed) or name in follows for name in feed_mapping.feeds_of(row))

"""Comparison of feeds that follow others, whose answers have groups.

A group has a count, and its newest activities. So the newest activities that the feed should hold
are compared exactly; each older activity that is shown must belong there.
"""

from dataclasses import replace

from feeds import declared
from feeds.declared import subject_of
from feeds.doctor.comparison import Difference, unexpected
from feeds.doctor.expected import WINDOW, ExpectedFeed, belongs
from feeds.outbox.operations import copy_limit
from feeds.stream import api
from feeds.stream.groups import configured_groups


def compare_aggregated(feed):
    """Yield the Differences of a feed that follows others, and of its follows."""
    expected = ExpectedFeed(feed)
    yield from compare_follows(feed, expected.follows, api.follows_of(feed))
    results = [result for page, _is_last in api.pages(feed) for result in page]
    comparison = GroupComparison(expected, configured_groups()[feed.group], results)
    yield from comparison.compare_shown()
    yield from comparison.compare_groups()


def compare_follows(feed, expected, actual):
    for target, (row, limit) in expected.items():
        if target not in actual:
            limit = copy_limit(target, row, limit)
            yield Difference(
                str(feed),
                f"does not follow {target}",
                {subject_of(row), target, str(feed)},
                feed_fixes=[("follow", target, WINDOW if limit is None else limit)],
            )
    for target in actual.keys() - expected.keys():
        fixes = [("unfollow", target)]
        yield Difference(str(feed), f"follows {target}", {target, str(feed)}, feed_fixes=fixes)


class GroupComparison:
    """The groups that Stream returns for a feed, compared with the ExpectedFeed."""

    def __init__(self, expected_feed, group, results):
        self.expected_feed, self.group, self.results = expected_feed, group, results
        self.shown = {row["id"] for result in results for row in result["activities"]}
        # The length of a full group: where it is not configured, the longest one's.
        longest = max((len(result["activities"]) for result in results), default=0)
        self.full_length = group.activities or longest

    def compare_shown(self):
        """Yield activities that do not belong, or are in the wrong place, or there twice."""
        seen = set()
        for result in self.results:
            older = self._older(result)
            for activity in result["activities"]:
                expected = self.expected_feed.newest.get(activity["id"])
                if expected:
                    yield from self._compare_place(result, activity, expected, seen)
                elif activity["id"] not in older:
                    yield self._unexpected(activity)
                seen.add(activity["id"])

    def _older(self, result):
        """Return the ids of the activities before the exact comparison that belong there."""
        end, feed = self.expected_feed.end, self.expected_feed
        older = [one for one in result["activities"] if end and api.time_of(one["id"]) <= end]
        rows = declared.rows_of([activity["foreign_id"] for activity in older])
        rows = {name for name, row in rows.items() if belongs(row, feed.feed, feed.follows)}
        return {activity["id"] for activity in older if activity["foreign_id"] in rows}

    def _compare_place(self, result, activity, expected, seen):
        origin, name = activity["origin"], self.group.name_for(expected.activity)
        if activity["id"] in seen:
            text = "is there twice"
        elif name and name != result["group"]:
            text = "is in another group"
        elif not (expected.is_direct if origin is None else origin in expected.origins):
            text = f"came from {origin or 'nowhere'}"
        else:
            return
        # Without the foreign id, by which a repair would recognise and keep it.
        remove = ("remove", activity["id"], "")
        yield self._difference(expected, text, [*self.expected_feed.fixes(expected), remove])

    def _unexpected(self, activity):
        difference, origin = unexpected(self.expected_feed.feed, activity), activity["origin"]
        if origin and origin not in self.expected_feed.follows:
            return replace(difference, feed_fixes=[("unfollow", origin)])
        return difference

    def compare_groups(self):
        """Yield activities that are not shown but should be, and wrong counts."""
        results = {result["group"]: result for result in self.results}
        members = {}
        for expected in self.expected_feed.newest.values():
            if name := self.group.name_for(expected.activity):
                members.setdefault(name, []).append(expected)
        for name, expected_members in members.items():
            yield from self._compare_group(name, results.get(name), expected_members)

    def _compare_group(self, name, result, members):
        needed = [one for one in members if one.is_needed]
        missing = [one for one in needed if not self._may_hold(one, result)]
        for expected in missing:
            yield self._difference(expected, "is lacking", self.expected_feed.fixes(expected))
        if result and not missing and not self._is_counted(result, members, needed):
            text = f"stands in a group of {result['activity_count']}, which is wrong"
            yield self._difference(members[0], text, self._recount(name, result, members, needed))

    def _recount(self, name, result, members, needed):
        """Return the fixes that recount a group; if it may hold unexpected activities, refill it.

        Removing the activities shown brings those behind them to light.
        """
        if self.expected_feed.end or result["activity_count"] <= len(members):
            return self.expected_feed.fixes((needed or members)[0])
        refill = [fix for expected in needed for fix in self.expected_feed.fixes(expected)]
        return [("clear", name), *refill]

    def _may_hold(self, expected, result):
        """Return whether an activity is shown, or may be behind those that are."""
        if expected.activity["id"] in self.shown:
            return True
        if result is None or len(result["activities"]) < self.full_length:
            return False
        oldest = result["activities"][-1]["id"]
        return api.time_of(expected.activity["id"]) <= api.time_of(oldest)

    def _is_counted(self, result, members, needed):
        """Return whether the counts and times of a group are those of its activities."""
        shown, count = result["activities"], result["activity_count"]
        if api.parse_time(result["updated_at"]) != api.time_of(shown[0]["id"]):
            return False
        if len(shown) < self.full_length:  # these are all
            activities, oldest = shown, api.time_of(shown[-1]["id"])
        elif self.expected_feed.end is None and needed == members:
            activities = [expected.activity for expected in members]
            oldest = api.parse_time(activities[-1]["time"])
        else:  # not all are known
            return max(len(shown), len(needed)) <= count
        actors = {activity["actor"] for activity in activities}
        return (count, result["actor_count"]) == (len(activities), len(actors)) and (
            api.parse_time(result["created_at"]) == oldest
        )

    def _difference(self, expected, text, fixes):
        name, time = expected.activity["foreign_id"], expected.activity["time"]
        feed = str(self.expected_feed.feed)
        about = {subject_of(expected.row), feed, *expected.origins}
        return Difference(feed, f"{name} ({time}) {text}", about, feed_fixes=fixes)

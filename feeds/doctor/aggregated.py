"""Comparison of feeds that follow others, whose answers have groups.

A group has a count, and its newest activities. So the newest activities that the feed should hold
are compared exactly; each older activity that is shown must belong there.
"""

from feeds import feed_mapping
from feeds.doctor.comparison import Difference, unexpected
from feeds.doctor.expected import WINDOW, ExpectedFeed, belongs
from feeds.feed_mapping import subject_of
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
            text, about = f"does not follow {target}", {subject_of(row), target, str(feed)}
            fixes = [("follow", target, WINDOW if limit is None else limit)]
            yield Difference(str(feed), text, about, feed_fixes=fixes)
    for target in actual.keys() - expected.keys():
        fixes = [("unfollow", target)]
        yield Difference(str(feed), f"follows {target}", {target, str(feed)}, feed_fixes=fixes)


class GroupComparison:
    """The groups that Stream returns for a feed, compared with the ExpectedFeed."""

    def __init__(self, expected, group, results):
        self.expected, self.group, self.results = expected, group, results
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
                yield from self._compare_activity(activity, result, older, seen)
                seen.add(activity["id"])

    def _compare_activity(self, activity, result, older, seen):
        key, origin = activity["id"], activity["origin"]
        if member := self.expected.newest.get(key):
            if text := self._find_problem(activity, member, result, seen):
                # Without the foreign id, by which the repair would keep it.
                fixes = [("remove", key, ""), *self.expected.fixes(member)]
                yield self._difference(member, text, fixes)
        elif key not in older:
            is_unfollowed = origin and origin not in self.expected.follows
            fix = ("unfollow", origin) if is_unfollowed else None
            yield unexpected(self.expected.feed, activity, fix)

    def _older(self, result):
        """Return the ids of the activities before the exact comparison that belong there."""
        feed, follows, end = self.expected.feed, self.expected.follows, self.expected.end
        older = [one for one in result["activities"] if end and api.time_of(one["id"]) <= end]
        rows = feed_mapping.rows_by_foreign_id([activity["foreign_id"] for activity in older])
        names = {name for name, row in rows.items() if belongs(row, feed, follows)}
        return {activity["id"] for activity in older if activity["foreign_id"] in names}

    def _find_problem(self, activity, member, result, seen):
        """Return what is wrong with an activity that belongs to the feed, "" if nothing is."""
        origin, name = activity["origin"], self.group.name_for(member.activity)
        if activity["id"] in seen:
            return "is there twice"
        if name and name != result["group"]:
            return "is in another group"
        if not (member.is_direct if origin is None else origin in member.origins):
            return f"came from {origin or 'nowhere'}"
        return ""

    def compare_groups(self):
        """Yield activities that are not shown but should be, and wrong counts."""
        results = {result["group"]: result for result in self.results}
        groups = {}
        for member in self.expected.newest.values():
            if name := self.group.name_for(member.activity):
                groups.setdefault(name, []).append(member)
        for name, members in groups.items():
            yield from self._compare_group(name, results.get(name), members)

    def _compare_group(self, name, result, members):
        needed = [member for member in members if member.is_needed]
        missing = [member for member in needed if not self._may_hold(result, member)]
        for member in missing:
            yield self._difference(member, "is lacking", self.expected.fixes(member))
        if result and not missing and not self._is_counted(result, members, needed):
            text = f"stands in a group of {result['activity_count']}, which is wrong"
            if self.expected.end or result["activity_count"] <= len(members):
                fixes = self.expected.fixes((needed or members)[0])
            else:  # activities that do not belong come to light behind those that are removed
                refill = [fix for member in needed for fix in self.expected.fixes(member)]
                fixes = [("clear", name), *refill]
            yield self._difference(members[0], text, fixes)

    def _may_hold(self, result, member):
        """Return whether an activity is shown, or may be behind those that are."""
        if member.activity["id"] in self.shown:
            return True
        if result is None or len(result["activities"]) < self.full_length:
            return False
        oldest = result["activities"][-1]["id"]
        return api.time_of(member.activity["id"]) <= api.time_of(oldest)

    def _is_counted(self, result, members, needed):
        """Return whether the counts and times of a group are those of its activities."""
        shown, count = result["activities"], result["activity_count"]
        if api.parse_time(result["updated_at"]) != api.time_of(shown[0]["id"]):
            return False
        if len(shown) < self.full_length:  # these are all
            activities, oldest = shown, api.time_of(shown[-1]["id"])
        elif self.expected.end is None and needed == members:
            activities = [member.activity for member in members]
            oldest = api.parse_time(activities[-1]["time"])
        else:  # not all are known
            return max(len(shown), len(needed)) <= count
        counts = len(activities), len({activity["actor"] for activity in activities}), oldest
        begun = api.parse_time(result["created_at"])
        return counts == (count, result["actor_count"], begun)

    def _difference(self, member, text, fixes):
        name, time = member.activity["foreign_id"], member.activity["time"]
        feed = str(self.expected.feed)
        about = {subject_of(member.row), feed, *member.origins}
        return Difference(feed, f"{name} ({time}) {text}", about, feed_fixes=fixes)

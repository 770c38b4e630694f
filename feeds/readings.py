"""Comparing what a feed that follows others shows with what it should hold.

An answer has groups: a count, and the newest activities of each. So the newest activities that the
feed should hold are compared to the letter; of what is older, each activity that is shown must
belong there.
"""

from feeds import asking, feed_mapping
from feeds.comparing import stray
from feeds.copies import compare_follows, expect
from feeds.differences import Difference
from feeds.groups import configured


def compare_collecting(feed):
    """Yield the Differences of a feed that follows others, and of whom it follows."""
    follows, standing = feed_mapping.expected_follows(feed), asking.following(feed)
    yield from compare_follows(feed, follows, standing)
    wanted = expect(feed, follows)
    results = [result for page, _is_last in asking.pages(feed) for result in page]
    reading = Reading(wanted, configured()[feed.group], results)
    yield from reading.compare_shown()
    yield from reading.compare_groups()


class Reading:
    """All groups of a feed as Stream answered them, beside what it should hold."""

    def __init__(self, wanted, group, results):
        self.wanted, self.group, self.results = wanted, group, results
        self.feed = wanted.feed
        self.shown = {row["id"] for result in results for row in result["activities"]}
        # How many activities of a group are shown: where nobody can tell, as many as ever are.
        longest = max((len(result["activities"]) for result in results), default=0)
        self.most = group.activities or longest

    def compare_shown(self):
        """Yield what is shown and does not belong, or not where it is, or not twice."""
        seen = set()
        for result in self.results:
            older = self._older(result)
            for activity in result["activities"]:
                expected = self.wanted.newest.get(activity["id"])
                if expected:
                    yield from self._compare_place(result, activity, expected, seen)
                elif activity["id"] not in older:
                    yield self._stray(activity)
                seen.add(activity["id"])

    def _older(self, result):
        """Return the ids of activities beyond what is compared to the letter that belong there."""
        end = self.wanted.end
        some = [one for one in result["activities"] if end and asking.time_in(one["id"]) <= end]
        rows = feed_mapping.rows_by_foreign_id([one["foreign_id"] for one in some])
        return {
            one["id"]
            for one in some
            if one["foreign_id"] in rows and self.wanted.holds(rows[one["foreign_id"]])
        }

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
        remedies = self.wanted.remedies(expected)
        yield self._about(expected, text, {**remedies, "remove": [[activity["id"], ""]]})

    def _stray(self, activity):
        origin = activity["origin"]
        if origin and origin not in self.wanted.follows:
            return stray(self.feed, activity, unfollow=[origin])
        return stray(self.feed, activity)

    def compare_groups(self):
        """Yield what is not shown though it should be, and counts that are wrong."""
        results = {result["group"]: result for result in self.results}
        members = {}
        for expected in self.wanted.newest.values():
            name = self.group.name_for(expected.activity)
            if name:
                members.setdefault(name, []).append(expected)
        for name, some in members.items():
            result = results.get(name)
            lacking = [one for one in some if one.is_needed and not self._is_there(one, result)]
            for expected in lacking:
                yield self._about(expected, "is lacking", self.wanted.remedies(expected))
            if result and not lacking and not self._is_counted(result, some):
                text = f"stands in a group of {result['activity_count']}, which is wrong"
                yield self._about(some[0], text, self._recount(name, result, some))

    def _recount(self, name, result, members):
        """Return what has a group counted anew; if there may be more in it than belongs, refilled.

        What is behind the activities shown comes to light by taking these away.
        """
        if self.wanted.end or result["activity_count"] <= len(members):
            expected = next((one for one in members if one.is_needed), members[0])
            return self.wanted.remedies(expected)
        each = [self.wanted.remedies(one) for one in members if one.is_needed]
        again = {kind: [some for one in each for some in one[kind]] for kind in ("add", "follow")}
        return {"clear": [name], **again}

    def _is_there(self, expected, result):
        """Return whether an activity is shown, or may be behind those that are."""
        if expected.activity["id"] in self.shown:
            return True
        if result is None or len(result["activities"]) < self.most:
            return False
        oldest = result["activities"][-1]["id"]
        return asking.time_in(expected.activity["id"]) <= asking.time_in(oldest)

    def _is_counted(self, result, members):
        """Return whether the counts and times of a group are what its activities say."""
        shown, count, actors = (
            result[name] for name in ("activities", "activity_count", "actor_count")
        )
        newest, oldest = (asking.time_in(shown[place]["id"]) for place in (0, -1))
        if asking.parse_time(result["updated_at"]) != newest:
            return False
        is_whole = len(shown) < self.most
        if is_whole:
            same_actors = actors == len({one["actor"] for one in shown})
            begun = asking.parse_time(result["created_at"]) == oldest
            return count == len(shown) and same_actors and begun
        needed = sum(one.is_needed for one in members)
        if self.wanted.end is None and needed == len(members):
            same_actors = actors == len({one.activity["actor"] for one in members})
            begun = result["created_at"] == members[-1].activity["time"]
            return count == needed and same_actors and begun
        return max(len(shown), needed) <= count

    def _about(self, expected, text, remedies):
        name, time = expected.activity["foreign_id"], expected.activity["time"]
        return Difference(
            str(self.feed),
            f"{name} ({time}) {text}",
            expected.subjects,
            self.wanted.keys(expected),
            feed_remedies=remedies,
        )

"""The expected behaviour, in memory: Stream's documented rules in plain Python.

Feeds have names "slug:id", activities and reactions have their ids, as clients see them. The model
is simple rather than fast, and shares no code with the server.
"""

import copy
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from uuid import UUID

MAX_CHILDREN, MAX_OWN, MAX_RECENT = 10, 5, 5


class Refused(Exception):
    """A call that the server rejects, and that changes nothing."""


def sort_key(activity_id):
    """Return the sort key of an id: its time, then the remaining bytes."""
    uuid = UUID(activity_id)
    return uuid.time, uuid.int & (1 << 64) - 1


def newest_first(activity_ids):
    return sorted(activity_ids, key=sort_key, reverse=True)


@dataclass
class FeedItem:
    """The origins of an activity in a feed, and its group, if any."""

    origins: set
    group: str | None = None


class Feeds:
    """Activities, the feeds that hold them, follows, and marks.

    `groups` maps slugs to types; `own_seen` are the slugs in which activities by the feed's user
    are added as seen. A feed holds at most `length` copies.
    """

    def __init__(self, groups, own_seen=(), length=5000):
        self.groups, self.own_seen, self.length = groups, own_seen, length
        self.activities = {}
        self.feed_items = defaultdict(dict)
        self.follows = []
        self.marks = {}

    def type_of(self, feed):
        return self.groups[feed.partition(":")[0]]

    # Writing

    def add(self, added, *, fan_out=True):
        """Add a batch of (id, content, feeds): content is replaced, `to` only grows."""
        for name, content, _feeds in added:
            before = self.activities.get(name, {"to": []})["to"]
            to = list(dict.fromkeys([*before, *content["to"]]))
            self.activities[name] = {**copy.deepcopy(content), "to": to}
        for name, _content, feeds in added:
            self._distribute(name, feeds, fan_out=fan_out)
        self._trim()

    def _distribute(self, name, feeds, *, fan_out=True):
        for feed in feeds:
            self._add_item(feed, name, origin=feed)
        for source, target in self.follows if fan_out else []:
            if target in feeds:
                self._add_item(source, name, origin=target)

    def _trim(self):
        """Remove the oldest copies from feeds with too many, always all copies of an activity."""
        for feed, items in self.feed_items.items():
            copies = [sort_key(name) for name, item in items.items() for _ in item.origins - {feed}]
            if len(copies) > self.length:
                newest_removed = sorted(copies, reverse=True)[self.length]
                for name in [name for name in items if sort_key(name) <= newest_removed]:
                    self._remove_origins(name, feed, items[name].origins - {feed})

    def _add_item(self, feed, name, *, origin):
        if name in self.feed_items[feed]:
            self.feed_items[feed][name].origins.add(origin)
            return
        activity, group = self.activities[name], None
        if self.type_of(feed) != "flat":
            group = f"{activity['verb']}_{activity['time']:%Y-%m-%d}"
        if self.type_of(feed) == "notification":
            slug, user_id = feed.split(":")
            seen = slug in self.own_seen and activity["actor"] == f"SU:{user_id}"
            if not seen or (feed, group) not in self.marks:
                self.marks[feed, group] = {"is_seen": seen, "is_read": seen}
        self.feed_items[feed][name] = FeedItem({origin}, group)

    def _remove_origins(self, name, feed, origins=None):
        """Remove an activity from `feed` as far as it has these `origins`, or entirely."""
        item = self.feed_items[feed].get(name)
        if item is None:
            return
        item.origins = item.origins - origins if origins is not None else set()
        if not item.origins:
            del self.feed_items[feed][name]
            if item.group not in {other.group for other in self.feed_items[feed].values()}:
                self.marks.pop((feed, item.group), None)

    def _remove_everywhere(self, name, origins):
        for feed in list(self.feed_items):
            self._remove_origins(name, feed, origins)

    def remove(self, feed, name):
        """Remove an activity from `feed` and, if it was added there, from followers and targets.

        A target feed only removes it from its own followers.
        """
        item = self.feed_items[feed].get(name)
        if item is None:
            return
        if feed in item.origins:
            to = self.activities[name]["to"]
            self._remove_everywhere(name, {feed, *(to if feed not in to else [])})
        self._remove_origins(name, feed)
        if not any(name in items for items in self.feed_items.values()):
            del self.activities[name]

    def remove_foreign_id(self, feed, foreign_id):
        for name in list(self.feed_items[feed]):
            if self.activities[name]["foreign_id"] == foreign_id:
                self.remove(feed, name)

    def update(self, name, content):
        """Replace all of an existing activity but `to`."""
        if name in self.activities:
            self.activities[name] = {**copy.deepcopy(content), "to": self.activities[name]["to"]}

    def update_partially(self, name, setting, unsetting):
        """Set and unset paths of keys; refuse a path through a value that is no object."""
        if name not in self.activities:
            raise Refused
        activity = copy.deepcopy(self.activities[name])
        for path, value in setting.items():
            *parents, last = path.split(".")
            parent = activity
            for key in parents:
                parent = parent.setdefault(key, {})
                if not isinstance(parent, dict):
                    raise Refused
            parent[last] = copy.deepcopy(value)
        for path in unsetting:
            *parents, last = path.split(".")
            parent = activity
            for key in parents:
                parent = parent.get(key) if isinstance(parent, dict) else None
            if isinstance(parent, dict):
                parent.pop(last, None)
        self.activities[name] = activity

    def update_targets(self, feed, name, *, new=None, added=(), removed=()):
        """Change the targets of an activity of `feed`; return the added and removed ones."""
        item = self.feed_items[feed].get(name)
        if item is None or feed not in item.origins:
            raise Refused
        before = self.activities[name]["to"]
        after = [target for target in before if target not in removed] if new is None else new
        after = list(dict.fromkeys([*after, *added]))
        joined = [target for target in after if target not in before]
        left = [target for target in before if target not in after]
        self.activities[name]["to"] = after
        self._distribute(name, joined)
        self._trim()
        for target in left:
            # The feed that it was added to keeps it.
            if target != feed:
                self._remove_copies(name, target)
        return joined, left

    def _remove_copies(self, name, feed):
        """Remove an activity from a feed and from all feeds that copied it from there."""
        self._remove_everywhere(name, {feed})
        self._remove_origins(name, feed)

    def remove_from(self, name, feeds):
        """Remove the activity of a reaction from target feeds."""
        for feed in feeds:
            self._remove_copies(name, feed)
        if not any(name in items for items in self.feed_items.values()):
            self.activities.pop(name, None)

    def follow(self, relations):
        """Add a list of (source, target, copy limit), all or none; each copies once."""
        for source, target, _limit in relations:
            if source == target or self.type_of(target) != "flat":
                raise Refused
        new = []
        for source, target, limit in relations:
            if (source, target) not in self.follows:
                self.follows.append((source, target))
                new.append((source, target, limit))
        for source, target, limit in new:
            own = [name for name, item in self.feed_items[target].items() if target in item.origins]
            for name in newest_first(own)[:limit]:
                self._add_item(source, name, origin=target)
        self._trim()

    def unfollow(self, source, target, *, keep_history):
        if (source, target) in self.follows:
            self.follows.remove((source, target))
        if source != target and not keep_history:
            for name in list(self.feed_items[source]):
                self._remove_origins(name, source, {target})

    def mark(self, feed, groups, *, seen=False, read=False):
        """Mark the groups of `feed` with these names."""
        for group in groups:
            marks = self.marks[feed, group]
            marks["is_seen"] |= seen
            marks["is_read"] |= read

    # Reading

    def newest(self, feed):
        return newest_first(self.feed_items[feed])

    def grouped(self, feed):
        """Return the groups of `feed`, newest first: lists of ids by name."""
        groups = {}
        for name in self.newest(feed):
            groups.setdefault(self.feed_items[feed][name].group, []).append(name)
        return groups

    def origins(self, feed, name):
        """Return the origins that a response may have: None if it was added directly."""
        item = self.feed_items[feed].get(name)
        origins = item.origins if item else set()
        return {None} if feed in origins else origins

    def unmarked(self, feed, mark):
        return sum(
            not marks[mark] for (marked_feed, _), marks in self.marks.items() if marked_feed == feed
        )

    def following(self, feed):
        return [target for source, target in reversed(self.follows) if source == feed]

    def followers(self, feed):
        return [source for source, target in reversed(self.follows) if target == feed]


@dataclass
class Reaction:
    name: str
    kind: str
    user_id: str
    activity_id: str
    parent: str = ""
    data: dict = field(default_factory=dict)
    target_feeds: list = field(default_factory=list)
    deleted: bool = False

    @property
    def subject(self):
        return self.parent or self.activity_id

    @property
    def is_first(self):
        return not self.parent


class Reactions:
    """Reactions in the order of their creation, and counts; a count of 0 is kept."""

    def __init__(self):
        self.all = {}
        self.counts = defaultdict(Counter)

    def level(self, name):
        parent = self.all[name].parent
        return 1 + self.level(parent) if parent else 1

    def is_hidden(self, name):
        """Return whether a reaction or one of its ancestors is soft-deleted."""
        row = self.all[name]
        return row.deleted or bool(row.parent and self.is_hidden(row.parent))

    def may_have_child(self, name):
        return not self.is_hidden(name) and self.level(name) < 3

    def update(self, name, data=None, target_feeds=None):
        """Replace the given fields; a soft-deleted reaction has no target feeds."""
        if target_feeds is not None and self.is_hidden(name):
            raise Refused
        row = self.all[name]
        row.data = row.data if data is None else data
        row.target_feeds = row.target_feeds if target_feeds is None else target_feeds

    def add(self, reaction):
        self.all[reaction.name] = reaction
        self.counts[reaction.subject][reaction.kind] += 1

    def hide(self, name):
        reaction = self.all[name]
        if not reaction.deleted:
            reaction.deleted = True
            self.counts[reaction.subject][reaction.kind] -= 1

    def restore(self, name):
        reaction = self.all[name]
        if not reaction.deleted:
            raise Refused
        reaction.deleted = False
        self.counts[reaction.subject][reaction.kind] += 1

    def delete(self, name):
        """Delete a reaction with all its descendants; return them."""
        self.hide(name)
        children = [row.name for row in self.all.values() if row.parent == name]
        deleted = [row for child in children for row in self.delete(child)]
        self.counts.pop(name, None)
        return [self.all.pop(name), *deleted]

    def live(self, condition):
        """Return the reactions that are not deleted and meet `condition`, newest first."""
        return [row for row in reversed(self.all.values()) if not row.deleted and condition(row)]

    def to(self, subject):
        return self.live(lambda row: row.subject == subject)

    def rendered(self, row, children_of=None):
        """Return a reaction as responses have it, without its times and its user's data.

        With `children_of` it has the children by that user.
        """
        children = self.to(row.name)
        rendered = {
            "id": row.name,
            "kind": row.kind,
            "activity_id": row.activity_id,
            "user_id": row.user_id,
            "data": row.data,
            "parent": row.parent,
            "latest_children": self.by_kind(children[:MAX_CHILDREN], None, children_of),
            "children_counts": dict(self.counts[row.name]),
        }
        if children_of is not None:
            own = [child for child in children if child.user_id == children_of]
            rendered["own_children"] = self.by_kind(own, MAX_OWN, children_of)
        return {**rendered, **({"target_feeds": row.target_feeds} if row.target_feeds else {})}

    def by_kind(self, rows, limit, children_of):
        return {
            kind: [self.rendered(row, children_of) for row in rows if row.kind == kind][:limit]
            for kind in dict.fromkeys(row.kind for row in rows)
        }

    def of_activity(self, activity_id, user_id, children_of=None):
        """Return the reaction fields of an activity for a user who requests all of them."""
        rows = self.to(activity_id)
        own = [row for row in rows if row.user_id == user_id]
        return {
            "latest_reactions": self.by_kind(rows, MAX_RECENT, children_of),
            "own_reactions": self.by_kind(own, MAX_OWN, children_of),
            "reaction_counts": dict(self.counts[activity_id]),
        }

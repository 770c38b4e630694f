"""What the server should do, in memory: Stream's documented behaviour in plain Python.

Everything is named as a client names it: feeds "slug:id", activities and reactions by their ids on
the wire. Nothing here is fast, and nothing here knows the server's code.
"""

import copy
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from uuid import UUID

MAX_CHILDREN, MAX_OWN, MAX_RECENT = 10, 5, 5


class Refused(Exception):
    """What Stream answers with an error, and which changes nothing."""


def place(activity_id):
    """Return what ids are ordered by: their time, then all bytes behind it."""
    uuid = UUID(activity_id)
    return uuid.time, uuid.int & (1 << 64) - 1


def newest_first(activity_ids):
    return sorted(activity_ids, key=place, reverse=True)


@dataclass
class FeedItem:
    """Why a feed holds an activity, and the group that it entered there, if any."""

    origins: set
    group: str | None = None


class Feeds:
    """Activities, the feeds that hold them, who follows whom, and marks.

    `groups` maps slugs to types; `own_seen` are slugs in which one's own enters seen and read. A
    feed holds `length` copies at most.
    """

    def __init__(self, groups, own_seen=(), length=5000):
        self.groups, self.own_seen, self.length = groups, own_seen, length
        self.activities = {}
        self.held = defaultdict(dict)
        self.follows = []
        self.marks = {}

    def type_of(self, feed):
        return self.groups[feed.partition(":")[0]]

    # Writing

    def add(self, added, *, fan_out=True):
        """Add a batch: (id, content, feeds) of each; content replaces content, `to` only grows."""
        for name, content, _feeds in added:
            before = self.activities.get(name, {"to": []})["to"]
            to = list(dict.fromkeys([*before, *content["to"]]))
            self.activities[name] = {**copy.deepcopy(content), "to": to}
        for name, _content, feeds in added:
            self._distribute(name, feeds, fan_out=fan_out)
        self._shorten()

    def _distribute(self, name, feeds, *, fan_out=True):
        for feed in feeds:
            self._enter(feed, name, origin=feed)
        for source, target in self.follows if fan_out else []:
            if target in feeds:
                self._enter(source, name, origin=target)

    def _shorten(self):
        """Take from feeds with too many copies the oldest; an activity leaves as a whole."""
        for feed, held in self.held.items():
            copies = [place(name) for name, one in held.items() for _ in one.origins - {feed}]
            if len(copies) > self.length:
                newest_leaving = sorted(copies, reverse=True)[self.length]
                for name in [name for name in held if place(name) <= newest_leaving]:
                    self._leave(name, feed, held[name].origins - {feed})

    def _enter(self, feed, name, *, origin):
        if name in self.held[feed]:
            self.held[feed][name].origins.add(origin)
            return
        activity, group = self.activities[name], None
        if self.type_of(feed) != "flat":
            group = f"{activity['verb']}_{activity['time']:%Y-%m-%d}"
        if self.type_of(feed) == "notification":
            slug, user_id = feed.split(":")
            seen = slug in self.own_seen and activity["actor"] == f"SU:{user_id}"
            if not seen or (feed, group) not in self.marks:
                self.marks[feed, group] = {"is_seen": seen, "is_read": seen}
        self.held[feed][name] = FeedItem({origin}, group)

    def _leave(self, name, feed, origins=None):
        """Take from `feed` what it holds because of `origins`, or all that it holds."""
        held = self.held[feed].get(name)
        if held is None:
            return
        held.origins = held.origins - origins if origins is not None else set()
        if not held.origins:
            del self.held[feed][name]
            if held.group not in {other.group for other in self.held[feed].values()}:
                self.marks.pop((feed, held.group), None)

    def _leave_everywhere(self, name, origins):
        for feed in list(self.held):
            self._leave(name, feed, origins)

    def remove(self, feed, name):
        """Remove from `feed`; if it was added there, from all that got it from there or by `to`.

        A feed that it was addressed to takes it from its own followers only.
        """
        held = self.held[feed].get(name)
        if held is None:
            return
        if feed in held.origins:
            to = self.activities[name]["to"]
            self._leave_everywhere(name, {feed, *(to if feed not in to else [])})
        self._leave(name, feed)
        if not any(name in held for held in self.held.values()):
            del self.activities[name]

    def remove_foreign_id(self, feed, foreign_id):
        for name in list(self.held[feed]):
            if self.activities[name]["foreign_id"] == foreign_id:
                self.remove(feed, name)

    def update(self, name, content):
        """Replace all of an activity but `to`; an unknown one is left alone."""
        if name in self.activities:
            self.activities[name] = {**copy.deepcopy(content), "to": self.activities[name]["to"]}

    def update_partially(self, name, setting, unsetting):
        """Set and unset paths of keys; what leads through no object is refused as a whole."""
        if name not in self.activities:
            raise Refused
        activity = copy.deepcopy(self.activities[name])
        for path, value in setting.items():
            *above, last = path.split(".")
            inside = activity
            for key in above:
                inside = inside.setdefault(key, {})
                if not isinstance(inside, dict):
                    raise Refused
            inside[last] = copy.deepcopy(value)
        for path in unsetting:
            *above, last = path.split(".")
            inside = activity
            for key in above:
                inside = inside.get(key) if isinstance(inside, dict) else None
            if isinstance(inside, dict):
                inside.pop(last, None)
        self.activities[name] = activity

    def update_targets(self, feed, name, *, new=None, added=(), removed=()):
        """Change whom an activity of `feed` is addressed to; return what came and what went."""
        held = self.held[feed].get(name)
        if held is None or feed not in held.origins:
            raise Refused
        before = self.activities[name]["to"]
        after = [one for one in before if one not in removed] if new is None else new
        after = list(dict.fromkeys([*after, *added]))
        coming = [one for one in after if one not in before]
        going = [one for one in before if one not in after]
        self.activities[name]["to"] = after
        self._distribute(name, coming)
        self._shorten()
        for one in going:
            # The feed that it was added to keeps it.
            if one != feed:
                self._leave_from(name, one)
        return coming, going

    def _leave_from(self, name, feed):
        """Take an activity out of a feed and out of all that got it from there."""
        self._leave_everywhere(name, {feed})
        self._leave(name, feed)

    def remove_entries(self, name, feeds):
        """Remove what told of a reaction from feeds that told of it."""
        for feed in feeds:
            self._leave_from(name, feed)
        if not any(name in held for held in self.held.values()):
            self.activities.pop(name, None)

    def follow(self, relations):
        """Follow by a list of (source, target, copy limit), all or none; each copies once."""
        for source, target, _limit in relations:
            if source == target or self.type_of(target) != "flat":
                raise Refused
        begun = []
        for source, target, limit in relations:
            if (source, target) not in self.follows:
                self.follows.append((source, target))
                begun.append((source, target, limit))
        for source, target, limit in begun:
            own = [name for name, held in self.held[target].items() if target in held.origins]
            for name in newest_first(own)[:limit]:
                self._enter(source, name, origin=target)
        self._shorten()

    def unfollow(self, source, target, *, keep_history):
        if (source, target) in self.follows:
            self.follows.remove((source, target))
        if source != target and not keep_history:
            for name in list(self.held[source]):
                self._leave(name, source, {target})

    def mark(self, feed, which, *, seen=False, read=False):
        """Mark the groups of `feed` with these names."""
        for group in which:
            marks = self.marks[feed, group]
            marks["is_seen"] |= seen
            marks["is_read"] |= read

    # Reading

    def newest(self, feed):
        return newest_first(self.held[feed])

    def grouped(self, feed):
        """Return the groups of `feed`, those with the newest activities first: names to ids."""
        groups = {}
        for name in self.newest(feed):
            groups.setdefault(self.held[feed][name].group, []).append(name)
        return groups

    def origins(self, feed, name):
        """Return the origins that an answer may tell: None of what was added to it directly."""
        held = self.held[feed].get(name)
        origins = held.origins if held else set()
        return {None} if feed in origins else origins

    def unmarked(self, feed, mark):
        return sum(not marks[mark] for (held_by, _), marks in self.marks.items() if held_by == feed)

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
    """Reactions in the order of their creation, and counts, of which none that falls to 0 goes."""

    def __init__(self):
        self.all = {}
        self.counts = defaultdict(Counter)

    def level(self, name):
        parent = self.all[name].parent
        return 1 + self.level(parent) if parent else 1

    def is_hidden(self, name):
        """Whether it, or one above it, was deleted softly."""
        row = self.all[name]
        return row.deleted or bool(row.parent and self.is_hidden(row.parent))

    def may_have_child(self, name):
        return not self.is_hidden(name) and self.level(name) < 3

    def update(self, name, data=None, target_feeds=None):
        """Replace what is given; nothing tells of what is hidden."""
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
        """Delete for good, with all below; return what is gone."""
        self.hide(name)
        below = [row.name for row in self.all.values() if row.parent == name]
        gone = [row for child in below for row in self.delete(child)]
        self.counts.pop(name, None)
        return [self.all.pop(name), *gone]

    def live(self, condition):
        """Return what is not deleted and meets `condition`, newest first."""
        return [row for row in reversed(self.all.values()) if not row.deleted and condition(row)]

    def to(self, subject):
        return self.live(lambda row: row.subject == subject)

    def rendered(self, row, children_of=None):
        """Return a reaction as an answer has it, less its times and its user's data.

        To a person who asks for `own_children` it tells what they answered.
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

    def by_kind(self, rows, most, children_of):
        return {
            kind: [self.rendered(row, children_of) for row in rows if row.kind == kind][:most]
            for kind in dict.fromkeys(row.kind for row in rows)
        }

    def of_activity(self, activity_id, user_id, children_of=None):
        """Return what is shown with an activity to a person who asks for everything."""
        rows = self.to(activity_id)
        own = [row for row in rows if row.user_id == user_id]
        return {
            "latest_reactions": self.by_kind(rows, MAX_RECENT, children_of),
            "own_reactions": self.by_kind(own, MAX_OWN, children_of),
            "reaction_counts": dict(self.counts[activity_id]),
        }

"""Random sequences of calls by the official client, compared with the model.

`FEEDSERVER_SEQUENCES=2000 pytest feedserver/tests/test_state_machine.py` runs more of them.
"""

import os
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from stream.exceptions import DoesNotExistException, InputException

from feedserver import conf
from feedserver.groups import get_group
from feedserver.tests.model import Feeds, Reaction, Reactions, Refused
from feedserver.tests.test_aggregated import check_counts

SEQUENCES = int(os.environ.get("FEEDSERVER_SEQUENCES", "12"))
MAX_STEPS = 30
MAX_IDS = 100
FLAT = ["user:1", "user:2", "user:3", "timeline:1"]
GROUPED = ["aggregated:1", "notification:1", "own:1"]
PEOPLE = ["SU:1", "SU:2", "ben"]
# Noon of one day, an hour later, and the next day: some activities share a day.
TIMES = [datetime(2026, 3, 4, 12, tzinfo=UTC) + timedelta(hours=hours) for hours in (0, 1, 24)]
REFUSALS = InputException, DoesNotExistException
ALL_REACTIONS = {"own": True, "recent": True, "counts": True}

feeds = st.sampled_from(FLAT + GROUPED)
flat_feeds = st.sampled_from(FLAT)
grouped_feeds = st.sampled_from(GROUPED)
notification_feeds = st.sampled_from(["notification:1", "own:1"])
addressed = st.lists(feeds, max_size=2, unique=True)
foreign_ids = st.sampled_from(["a:1", "a:2", "a:3"])
times = st.sampled_from(TIMES)
notes = st.sampled_from([1, "x", {"deep": 1}, {"deep": {"deeper": []}}])
contents = st.fixed_dictionaries(
    {
        "actor": st.sampled_from(PEOPLE),
        "verb": st.sampled_from(["add", "post"]),
        "object": st.sampled_from(["thing:1", "thing:2"]),
    },
    optional={"note": notes},
)
# Ids depend on foreign id and time, on time and content, or on nothing.
names = st.one_of(
    st.fixed_dictionaries({"foreign_id": foreign_ids, "time": times}),
    st.fixed_dictionaries({"foreign_id": foreign_ids, "time": times}),
    st.fixed_dictionaries({"time": times}),
    st.just({}),
)
activities = st.builds(lambda content, name: {**content, **name}, contents, names)
picks = st.integers(0, 11)
kinds = st.sampled_from(["like", "comment"])
users = st.sampled_from(["1", "2"])
paths = st.sampled_from(["note", "note.deep", "note.deep.deeper", "other"])
sizes = st.integers(1, 4)


class Machine(RuleBasedStateMachine):
    """A client and the model, which get the same calls."""

    def __init__(self, client):
        super().__init__()
        self.client = client
        slugs = {slug: options["type"] for slug, options in conf.groups().items()}
        own_seen = [slug for slug, options in conf.groups().items() if options.get("own_seen")]
        self.model = Feeds(slugs, own_seen, conf.feed_length())
        self.reactions = Reactions()
        # All ids that the server returned, with the fields that determined them.
        self.recorded = {}
        # The ids of activities in target feeds by the ids of reactions, or None.
        self.published = {}
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self):
        try:
            self.compare_everything()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def feed(self, name):
        return self.client.feed(*name.split(":"))

    def pick(self, number):
        """Return one of all ids so far."""
        ids = list(self.recorded)
        return ids[number % len(ids)]

    def direct_feed(self, name, number):
        """Return a feed that an activity was added to, or sometimes None for any feed."""
        added_to = [one for one in FLAT + GROUPED if None in self.model.origins(one, name)]
        return added_to[number % len(added_to)] if added_to and number % 4 else None

    def call_both(self, change, call):
        """Apply a change to the model and to the server: both refuse it, or neither."""
        try:
            result = change()
        except Refused:
            with pytest.raises(REFUSALS):
                call()
            return None
        return result, call()

    # Activities

    def record_activity(self, sent, response):
        """Check the id in the response to an added activity, and return its id and content."""
        name = response["id"]
        content = {"foreign_id": "", "target": "", "to": [], **sent, "time": response["time"]}
        assert sent.get("time") in (None, response["time"])
        key = None
        if "foreign_id" in sent:
            key = ("foreign id", sent["foreign_id"], sent["time"])
        elif "time" in sent:
            key = ("content", *sorted((k, repr(v)) for k, v in sent.items() if k != "to"))
        if key:
            assert self.recorded.setdefault(name, key) == key
            assert list(self.recorded.values()).count(key) == 1
        else:
            assert name not in self.recorded
            self.recorded[name] = name
        return name, content

    @rule(feed=feeds, sent=activities, to=addressed)
    def add(self, feed, sent, to):
        sent = {**sent, "to": to}
        name, content = self.record_activity(sent, self.feed(feed).add_activity(sent))
        self.model.add([(name, content, [feed, *to])])

    @rule(feed=feeds, batch=st.lists(st.tuples(activities, addressed), min_size=1, max_size=4))
    def add_several(self, feed, batch):
        sent = [{**activity, "to": to} for activity, to in batch]
        responses = self.feed(feed).add_activities(sent)["activities"]
        named = [self.record_activity(*pair) for pair in zip(sent, responses, strict=True)]
        self.model.add([(name, content, [feed, *content["to"]]) for name, content in named])

    @rule(to=st.lists(feeds, min_size=1, max_size=3, unique=True), sent=contents, at=picks)
    def add_to_many(self, to, sent, at):
        sent = {**sent, "foreign_id": f"many:{at}", "time": TIMES[at % len(TIMES)]}
        self.client.add_to_many(sent, to)
        (response,) = self.client.get_activities(
            foreign_id_times=[(sent["foreign_id"], sent["time"])]
        )["results"]
        name, content = self.record_activity(sent, response)
        self.model.add([(name, content, to)], fan_out=False)

    @precondition(lambda self: self.recorded)
    @rule(feed=feeds, pick=picks)
    def remove(self, feed, pick):
        name = self.pick(pick)
        feed = self.direct_feed(name, pick) or feed
        assert self.feed(feed).remove_activity(name)["removed"] == name
        self.model.remove(feed, name)

    @rule(feed=feeds, foreign_id=foreign_ids)
    def remove_by_foreign_id(self, feed, foreign_id):
        response = self.feed(feed).remove_activity(foreign_id=foreign_id)
        assert response["removed"] == foreign_id
        self.model.remove_foreign_id(feed, foreign_id)

    @rule(sent=contents, foreign_id=foreign_ids, time=times)
    def update(self, sent, foreign_id, time):
        sent = {**sent, "foreign_id": foreign_id, "time": time}
        self.client.update_activities([sent])
        key = ("foreign id", foreign_id, time)
        for name in [name for name, known in self.recorded.items() if known == key]:
            self.model.update(name, {"target": "", **sent})

    @precondition(lambda self: self.recorded)
    @rule(
        pick=picks,
        setting=st.dictionaries(paths, notes, max_size=2),
        unsetting=st.lists(paths, max_size=1),
    )
    def update_partially(self, pick, setting, unsetting):
        name = self.pick(pick)
        both = self.call_both(
            lambda: self.model.update_partially(name, setting, unsetting),
            lambda: self.client.activity_partial_update(name, set=setting, unset=unsetting),
        )
        if both:
            (response,) = both[1]["activities"]
            assert activity_content(response) == expected_content(self.model.activities[name])

    @precondition(lambda self: self.model.activities)
    @rule(feed=feeds, pick=picks, new=addressed, removed=addressed, replaces=st.booleans())
    def update_targets(self, feed, pick, new, removed, replaces):
        named = [name for name, one in self.model.activities.items() if one["foreign_id"]]
        if not named or not (new or removed or replaces):
            return
        name = named[pick % len(named)]
        activity = self.model.activities[name]
        feed = self.direct_feed(name, pick) or feed
        removed = [one for one in removed if one not in new]
        change = {"new": new} if replaces else {"added": new, "removed": removed}
        both = self.call_both(
            lambda: self.model.update_targets(feed, name, **change),
            lambda: self.feed(feed).update_activity_to_targets(
                activity["foreign_id"],
                activity["time"],
                **{f"{name}_targets": value for name, value in change.items()},
            ),
        )
        if both:
            joined, left = both[0]
            assert (both[1]["added"], both[1]["removed"]) == (joined, left)
            assert both[1]["activity"]["to"] == activity["to"]

    # Follows

    @rule(source=feeds, followed=feeds, limit=st.sampled_from([None, 0, 1, 2]))
    def follow(self, source, followed, limit):
        self.call_both(
            lambda: self.model.follow([(source, followed, 100 if limit is None else limit)]),
            lambda: self.feed(source).follow(*followed.split(":"), activity_copy_limit=limit),
        )

    @rule(
        pairs=st.lists(
            st.tuples(feeds, flat_feeds, st.sampled_from([None, 0, 1, 2])), min_size=1, max_size=4
        ),
        general=st.sampled_from([None, 0, 1]),
    )
    def follow_many(self, pairs, general):
        """Each follow uses its own copy limit, the limit of the call, or Stream's default."""
        relations, sent = [], []
        for source, followed, own in pairs:
            limit = next((one for one in (own, general) if one is not None), 100)
            relations.append((source, followed, limit))
            own_limit = {} if own is None else {"activity_copy_limit": own}
            sent.append({"source": source, "target": followed, **own_limit})
        self.call_both(
            lambda: self.model.follow(relations),
            lambda: self.client.follow_many(sent, activity_copy_limit=general),
        )

    @rule(source=feeds, followed=flat_feeds, keep_history=st.booleans())
    def unfollow(self, source, followed, keep_history):
        self.feed(source).unfollow(*followed.split(":"), keep_history=keep_history)
        self.model.unfollow(source, followed, keep_history=keep_history)

    @rule(
        pairs=st.lists(st.tuples(feeds, flat_feeds, st.booleans()), min_size=1, max_size=3),
    )
    def unfollow_many(self, pairs):
        self.client.unfollow_many(
            [
                {"source": source, "target": target, "keep_history": keep_history}
                for source, target, keep_history in pairs
            ]
        )
        for source, target, keep_history in pairs:
            self.model.unfollow(source, target, keep_history=keep_history)

    @rule(feed=feeds)
    def read_follows(self, feed):
        following = self.feed(feed).following()["results"]
        followers = self.feed(feed).followers()["results"]
        assert [row["target_id"] for row in following] == self.model.following(feed)
        assert [row["feed_id"] for row in followers] == self.model.followers(feed)
        stats = self.client.follow_stats(feed)["results"]
        assert stats["following"]["count"] == len(following)
        assert stats["followers"]["count"] == len(followers)

    # Reading and marking

    @rule(feed=feeds)
    def read(self, feed):
        flat = self.model.type_of(feed) == "flat"
        response = self.feed(feed).get(limit=100)
        (self.check_activities if flat else self.check_groups)(feed, response["results"])
        assert response["next"] == ""

    def check_activities(self, feed, rows):
        assert [row["id"] for row in rows] == self.model.newest(feed)
        for row in rows:
            self.check_activity(feed, row)

    def check_activity(self, feed, row):
        assert row["origin"] in self.model.origins(feed, row["id"])
        assert activity_content(row) == expected_content(self.model.activities[row["id"]])

    def check_groups(self, feed, rows):
        groups = self.model.grouped(feed)
        limit = get_group(feed.partition(":")[0]).activities
        assert [row["group"] for row in rows] == list(groups)
        for row, (group, ids) in zip(rows, groups.items(), strict=True):
            items = [self.model.activities[name] for name in ids]
            assert [one["id"] for one in row["activities"]] == ids[:limit]
            for one in row["activities"]:
                self.check_activity(feed, one)
            assert row["activity_count"] == len(ids)
            assert row["actor_count"] == len({one["actor"] for one in items})
            assert (row["updated_at"], row["created_at"]) == (items[0]["time"], items[-1]["time"])
            assert row["verb"] == items[0]["verb"]
            marks = self.model.marks.get((feed, group), {})
            assert row["id"] == (f"{ids[0]}.{group}" if marks else ids[0])
            assert {name: row[name] for name in ("is_seen", "is_read") if name in row} == marks

    @rule(feed=feeds, size=sizes)
    def read_page_by_page(self, feed, size):
        whole = [row["id"] for row in self.feed(feed).get(limit=100)["results"]]
        results, options = [], {"limit": size}
        while options:
            response = self.feed(feed).get(**options)
            results.append([row["id"] for row in response["results"]])
            query = parse_qs(urlsplit(response["next"]).query)
            options = {name: query[name][0] for name in ("id_lt", "limit") if query}
        assert results == [whole[at : at + size] for at in range(0, len(whole), size)] or [[]]

    @rule(feed=feeds, size=sizes, pick=picks, bound=st.sampled_from(["lt", "lte", "gt", "gte"]))
    def read_part(self, feed, size, pick, bound):
        whole = [row["id"] for row in self.feed(feed).get(limit=100)["results"]]
        if whole:
            at = pick % len(whole)
            part = {
                "lt": whole[at + 1 :],
                "lte": whole[at:],
                "gt": whole[:at],
                "gte": whole[: at + 1],
            }[bound]
            read = self.feed(feed).get
            response = read(limit=size, **{f"id_{bound}": whole[at]})
            assert [row["id"] for row in response["results"]] == part[:size]
            assert bool(response["next"]) == (len(part) > size)
            assert [row["id"] for row in read(limit=size, offset=at)["results"]] == whole[at:][
                :size
            ]

    @rule(feed=notification_feeds, seen=st.booleans(), read=st.booleans(), size=sizes)
    def mark(self, feed, seen, read, size):
        """Mark the groups of a page as seen or all as read; responses have the state before."""
        groups = list(self.model.grouped(feed))
        self._mark(feed, groups[:size], "current", {"seen": seen}, limit=size)
        self._mark(feed, groups, "true", {"read": read}, limit=size)

    @rule(
        feed=notification_feeds,
        pick=picks,
        bare=st.booleans(),
        how=st.sampled_from(["seen", "read"]),
    )
    def mark_by_id(self, feed, pick, bare, how):
        items = list(self.model.feed_items[feed].items())
        if items:
            name, entry = items[pick % len(items)]
            self._mark(feed, [entry.group], name if bare else f"{name}.{entry.group}", {how: True})

    def _mark(self, feed, groups, which, marks, **options):
        sent = {f"mark_{name}": which for name, wanted in marks.items() if wanted}
        response = self.feed(feed).get(**{"limit": 100, **options}, **sent)
        self.check_counts_of_marks(feed, response)
        for row in response["results"]:
            before = self.model.marks[feed, row["group"]]
            assert {name: row[name] for name in before} == before
        self.model.mark(feed, groups, **marks)

    def check_counts_of_marks(self, feed, response):
        assert response["unseen"] == self.model.unmarked(feed, "is_seen")
        assert response["unread"] == self.model.unmarked(feed, "is_read")

    # Reactions

    def pick_reaction(self, number):
        names = list(self.reactions.all)
        return names[number % len(names)]

    def record_reaction(self, response, activity_id, parent="", target_feeds=()):
        row = Reaction(
            response["id"],
            response["kind"],
            response["user_id"],
            activity_id,
            parent,
            response["data"],
            list(target_feeds),
        )
        self.reactions.add(row)
        assert reaction_content(response) == self.reactions.rendered(row)
        self.published[row.name] = None
        if target_feeds:
            self.publish(row, response)

    def publish(self, row, response):
        """Add the activity of a reaction to its target feeds in the model."""
        time = datetime.fromisoformat(response["created_at"])
        sent = {
            "actor": f"SU:{row.user_id}",
            "verb": row.kind,
            "object": f"SA:{row.activity_id}",
            "reaction": f"SR:{row.name}",
            "foreign_id": f"reaction:{row.name}",
            "time": time,
        }
        (results,) = self.client.get_activities(foreign_id_times=[(sent["foreign_id"], time)])[
            "results"
        ]
        name, content = self.record_activity(sent, results)
        assert self.published[row.name] in (None, name)
        self.published[row.name] = name
        self.model.add([(name, content, row.target_feeds)])

    def unpublish(self, row, feeds):
        if self.published[row.name]:
            self.model.remove_from(self.published[row.name], feeds)

    @precondition(lambda self: self.recorded)
    @rule(pick=picks, kind=kinds, user=users, times=st.sampled_from([1, 1, 6]), to=addressed)
    def react(self, pick, kind, user, times, to):
        """React to an activity, which may be removed; sometimes more often than responses show."""
        name = self.pick(pick)
        for number in range(times):
            data = {"number": number}
            response = self.client.reactions.add(kind, name, user, data=data, target_feeds=to)
            assert response["data"] == data
            self.record_reaction(response, name, target_feeds=to)

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, kind=kinds, user=users, times=st.sampled_from([1, 1, 11]), to=addressed)
    def add_child(self, pick, kind, user, times, to):
        name = self.pick_reaction(pick)
        for _ in range(times if self.reactions.may_have_child(name) else 0):
            response = self.client.reactions.add_child(kind, name, user, target_feeds=to)
            self.record_reaction(response, self.reactions.all[name].activity_id, name, to)
        if not self.reactions.may_have_child(name):
            with pytest.raises(REFUSALS):
                self.client.reactions.add_child(kind, name, user)

    @precondition(lambda self: self.reactions.all)
    @rule(
        pick=picks,
        data=st.sampled_from([None, {}, {"text": "x"}]),
        to=st.one_of(st.none(), addressed),
    )
    def change_reaction(self, pick, data, to):
        row = self.reactions.all[self.pick_reaction(pick)]
        before = row.target_feeds
        both = self.call_both(
            lambda: self.reactions.update(row.name, data, to),
            lambda: self.client.reactions.update(row.name, data=data, target_feeds=to),
        )
        if both:
            assert reaction_content(both[1]) == self.reactions.rendered(row)
            self.unpublish(row, set(before) - set(row.target_feeds))
            if to:
                self.publish(row, both[1])

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, how=st.sampled_from(["hide", "restore", "delete"]))
    def delete_reaction(self, pick, how):
        name = self.pick_reaction(pick)
        calls = {
            "hide": lambda: self.client.reactions.delete(name, soft=True),
            "restore": lambda: self.client.reactions.restore(name),
            "delete": lambda: self.client.reactions.delete(name),
        }
        both = self.call_both(lambda: getattr(self.reactions, how)(name), calls[how])
        if how == "delete":
            for row in both[0]:
                self.unpublish(row, row.target_feeds)
            with pytest.raises(DoesNotExistException):
                self.client.reactions.get(name)

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks)
    def read_reaction(self, pick):
        row = self.reactions.all[self.pick_reaction(pick)]
        response = self.client.reactions.get(row.name)
        assert ("deleted_at" in response) == row.deleted
        assert reaction_content(response) == self.reactions.rendered(row)

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, size=sizes, kind=st.one_of(st.none(), kinds), forward=st.booleans())
    def read_reactions(self, pick, size, kind, forward):
        """Read lists of an activity, a reaction and a user, in both directions."""
        row = self.reactions.all[self.pick_reaction(pick)]
        of_kind = {} if kind is None else {"kind": kind}
        for name, condition in {
            "activity_id": lambda one: one.subject == row.activity_id,
            "reaction_id": lambda one: one.subject == row.name,
            "user_id": lambda one: one.user_id == row.user_id and one.is_first,
        }.items():
            results = self.reactions.live(
                lambda one, condition=condition: condition(one) and kind in (None, one.kind)
            )
            parameters = {
                **of_kind,
                name: row.name if name == "reaction_id" else getattr(row, name),
            }
            bounds = {"id_lt": results[0].name} if results else {}
            expected = results[1:]
            if forward and results:
                bounds, expected = {"id_gt": results[-1].name}, results[:-1][::-1]
            response = self.client.reactions.filter(**parameters, **bounds, limit=size)
            assert list(map(reaction_content, response["results"])) == list(
                map(self.reactions.rendered, expected[:size])
            )
            assert bool(response["next"]) == (len(expected) > size)
            response = self.client.reactions.filter(**parameters)
            assert [one["id"] for one in response["results"]] == [one.name for one in results[:10]]

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, user=users)
    def read_own_children(self, pick, user):
        """Read the children by a user, five of each kind, at every level."""
        row = self.reactions.all[self.pick_reaction(pick)]
        response = self.client.reactions.filter(
            activity_id=row.activity_id, with_own_children=True, children_user_id=user, limit=25
        )
        results = self.reactions.live(lambda one: one.subject == row.activity_id)[:25]
        expected = [self.reactions.rendered(one, children_of=user) for one in results]
        assert list(map(reaction_content, response["results"])) == expected

    @rule(feed=feeds, user=users, children_of=st.none() | users)
    def read_with_reactions(self, feed, user, children_of):
        own = {"withOwnChildren": True, "children_user_id": children_of}
        response = self.feed(feed).get(
            reactions=ALL_REACTIONS,
            user_id=user,
            limit=100,
            **(own if children_of else {}),
        )
        rows = [one for row in response["results"] for one in row.get("activities", [row])]
        for row in rows:
            self.check_reactions(row, user, children_of)

    def check_reactions(self, row, user, children_of):
        expected = self.reactions.of_activity(row["id"], user, children_of)
        assert row["reaction_counts"] == expected["reaction_counts"]
        for name in ("latest_reactions", "own_reactions"):
            results = {kind: list(map(reaction_content, rows)) for kind, rows in row[name].items()}
            assert results == expected[name]
        extra = row["latest_reactions_extra"]
        assert extra.keys() == expected["latest_reactions"].keys()
        for kind, rows in expected["latest_reactions"].items():
            many = sum(one.kind == kind for one in self.reactions.to(row["id"])) > len(rows)
            query = parse_qs(urlsplit(extra[kind]["next"]).query)
            assert query.get("id_lt") == ([rows[-1]["id"]] if many else None)

    # Final comparison

    def compare_everything(self):
        for feed in FLAT + GROUPED:
            self.read(feed)
            self.read_follows(feed)
        for feed in ("notification:1", "own:1"):
            self.check_counts_of_marks(feed, self.feed(feed).get(limit=1))
        ids = list(self.recorded)
        known = [
            row
            for start in range(0, len(ids), MAX_IDS)
            for row in self.client.get_activities(ids=ids[start : start + MAX_IDS])["results"]
        ]
        expected = [
            expected_content(self.model.activities[name])
            for name in ids
            if name in self.model.activities
        ]
        assert list(map(activity_content, known)) == expected
        check_counts()


def activity_content(row):
    """Return the content of an activity in a response."""
    return {name: value for name, value in row.items() if name not in ("id", "origin", "duration")}


def expected_content(activity):
    """Return an activity of the model as responses have it: without an empty `to`."""
    return {name: value for name, value in activity.items() if name != "to" or value}


def reaction_content(response):
    """Return the parts of a reaction in a response that the model has, with its children."""
    left_out = {"user", "created_at", "updated_at", "duration", "deleted_at"}
    children = {
        name: {kind: list(map(reaction_content, rows)) for kind, rows in response[name].items()}
        for name in ("latest_children", "own_children")
        if name in response
    }
    rest = {name: value for name, value in response.items() if name not in left_out}
    return {**rest, **children}


@pytest.mark.slow
@pytest.mark.parametrize("length", [5000, 2])
@pytest.mark.django_db
def test_random_calls_match_model(stream, settings, length):
    """With feeds that are never full, and with feeds of two copies."""
    settings.FEEDSERVER_FEED_LENGTH = length
    run_state_machine_as_test(
        lambda: Machine(stream),
        settings=hypothesis_settings(
            max_examples=SEQUENCES,
            stateful_step_count=MAX_STEPS,
            deadline=None,
            # Not "explain": it takes minutes and is of little use for sequences.
            phases=set(Phase) - {Phase.explain},
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Random sequences of calls by the official client: every answer is what the model says.

`FEEDSERVER_SEQUENCES=2000 pytest feedserver/tests/test_state_machine.py` tries more of them.
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
LONGEST = 30
MAX_IDS = 100
FLAT = ["user:1", "user:2", "user:3", "timeline:1"]
GROUPED = ["aggregated:1", "notification:1", "own:1"]
PEOPLE = ["SU:1", "SU:2", "ben"]
# Noon of one day and the next, one of them twice as often: so that some share it.
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
# By foreign id and time, by time and content, or by nothing: each way gives ids of its own.
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
    """A client and the model, which are told the same."""

    def __init__(self, client):
        super().__init__()
        self.client = client
        slugs = {slug: options["type"] for slug, options in conf.groups().items()}
        own_seen = [slug for slug, options in conf.groups().items() if options.get("own_seen")]
        self.model = Feeds(slugs, own_seen, conf.feed_length())
        self.reactions = Reactions()
        # Every id that the server gave, and what it was given for.
        self.named = {}
        # The id of the activity that tells of a reaction, if any ever did.
        self.told = {}
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
        """Return one of all ids there ever were."""
        ids = list(self.named)
        return ids[number % len(ids)]

    def one_added_to(self, name, number):
        """Return mostly a feed that an activity was added to; of any, most do not know of it."""
        added_to = [one for one in FLAT + GROUPED if None in self.model.origins(one, name)]
        return added_to[number % len(added_to)] if added_to and number % 4 else None

    def refusing(self, change, call):
        """Make a change in the model and a call to the server: both refuse it, or none does."""
        try:
            result = change()
        except Refused:
            with pytest.raises(REFUSALS):
                call()
            return None
        return result, call()

    # Activities

    def named_by_server(self, sent, answer):
        """Check what the server made of an activity, and return its id and content."""
        name = answer["id"]
        content = {"foreign_id": "", "target": "", "to": [], **sent, "time": answer["time"]}
        assert sent.get("time") in (None, answer["time"])
        key = None
        if "foreign_id" in sent:
            key = ("foreign id", sent["foreign_id"], sent["time"])
        elif "time" in sent:
            key = ("content", *sorted((k, repr(v)) for k, v in sent.items() if k != "to"))
        if key:
            assert self.named.setdefault(name, key) == key
            assert list(self.named.values()).count(key) == 1
        else:
            assert name not in self.named
            self.named[name] = name
        return name, content

    @rule(feed=feeds, sent=activities, to=addressed)
    def add(self, feed, sent, to):
        sent = {**sent, "to": to}
        name, content = self.named_by_server(sent, self.feed(feed).add_activity(sent))
        self.model.add([(name, content, [feed, *to])])

    @rule(feed=feeds, batch=st.lists(st.tuples(activities, addressed), min_size=1, max_size=4))
    def add_several(self, feed, batch):
        sent = [{**activity, "to": to} for activity, to in batch]
        answers = self.feed(feed).add_activities(sent)["activities"]
        named = [self.named_by_server(*pair) for pair in zip(sent, answers, strict=True)]
        self.model.add([(name, content, [feed, *content["to"]]) for name, content in named])

    @rule(to=st.lists(feeds, min_size=1, max_size=3, unique=True), sent=contents, at=picks)
    def add_to_many(self, to, sent, at):
        sent = {**sent, "foreign_id": f"many:{at}", "time": TIMES[at % len(TIMES)]}
        self.client.add_to_many(sent, to)
        (answer,) = self.client.get_activities(
            foreign_id_times=[(sent["foreign_id"], sent["time"])]
        )["results"]
        name, content = self.named_by_server(sent, answer)
        self.model.add([(name, content, to)], fan_out=False)

    @precondition(lambda self: self.named)
    @rule(feed=feeds, pick=picks)
    def remove(self, feed, pick):
        name = self.pick(pick)
        feed = self.one_added_to(name, pick) or feed
        assert self.feed(feed).remove_activity(name)["removed"] == name
        self.model.remove(feed, name)

    @rule(feed=feeds, foreign_id=foreign_ids)
    def remove_by_foreign_id(self, feed, foreign_id):
        answer = self.feed(feed).remove_activity(foreign_id=foreign_id)
        assert answer["removed"] == foreign_id
        self.model.remove_foreign_id(feed, foreign_id)

    @rule(sent=contents, foreign_id=foreign_ids, time=times)
    def update(self, sent, foreign_id, time):
        sent = {**sent, "foreign_id": foreign_id, "time": time}
        self.client.update_activities([sent])
        key = ("foreign id", foreign_id, time)
        for name in [name for name, known in self.named.items() if known == key]:
            self.model.update(name, {"target": "", **sent})

    @precondition(lambda self: self.named)
    @rule(
        pick=picks,
        setting=st.dictionaries(paths, notes, max_size=2),
        unsetting=st.lists(paths, max_size=1),
    )
    def update_partially(self, pick, setting, unsetting):
        name = self.pick(pick)
        both = self.refusing(
            lambda: self.model.update_partially(name, setting, unsetting),
            lambda: self.client.activity_partial_update(name, set=setting, unset=unsetting),
        )
        if both:
            (answer,) = both[1]["activities"]
            assert as_added(answer) == shown(self.model.activities[name])

    @precondition(lambda self: self.model.activities)
    @rule(feed=feeds, pick=picks, new=addressed, removed=addressed, replaces=st.booleans())
    def update_targets(self, feed, pick, new, removed, replaces):
        named = [name for name, one in self.model.activities.items() if one["foreign_id"]]
        if not named or not (new or removed or replaces):
            return
        name = named[pick % len(named)]
        activity = self.model.activities[name]
        feed = self.one_added_to(name, pick) or feed
        removed = [one for one in removed if one not in new]
        change = {"new": new} if replaces else {"added": new, "removed": removed}
        both = self.refusing(
            lambda: self.model.update_targets(feed, name, **change),
            lambda: self.feed(feed).update_activity_to_targets(
                activity["foreign_id"],
                activity["time"],
                **{f"{name}_targets": value for name, value in change.items()},
            ),
        )
        if both:
            coming, going = both[0]
            assert (both[1]["added"], both[1]["removed"]) == (coming, going)
            assert both[1]["activity"]["to"] == activity["to"]

    # Follows

    @rule(source=feeds, followed=feeds, limit=st.sampled_from([None, 0, 1, 2]))
    def follow(self, source, followed, limit):
        self.refusing(
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
        """Each with a limit of its own, or that of all, or Stream's."""
        relations, sent = [], []
        for source, followed, own in pairs:
            limit = next((one for one in (own, general) if one is not None), 100)
            relations.append((source, followed, limit))
            own_limit = {} if own is None else {"activity_copy_limit": own}
            sent.append({"source": source, "target": followed, **own_limit})
        self.refusing(
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
        answer = self.feed(feed).get(limit=100)
        (self.check_activities if flat else self.check_groups)(feed, answer["results"])
        assert answer["next"] == ""

    def check_activities(self, feed, rows):
        assert [row["id"] for row in rows] == self.model.newest(feed)
        for row in rows:
            self.check_activity(feed, row)

    def check_activity(self, feed, row):
        assert row["origin"] in self.model.origins(feed, row["id"])
        assert as_added(row) == shown(self.model.activities[row["id"]])

    def check_groups(self, feed, rows):
        groups = self.model.grouped(feed)
        most = get_group(feed.partition(":")[0]).activities
        assert [row["group"] for row in rows] == list(groups)
        for row, (group, ids) in zip(rows, groups.items(), strict=True):
            held = [self.model.activities[name] for name in ids]
            assert [one["id"] for one in row["activities"]] == ids[:most]
            for one in row["activities"]:
                self.check_activity(feed, one)
            assert row["activity_count"] == len(ids)
            assert row["actor_count"] == len({one["actor"] for one in held})
            assert (row["updated_at"], row["created_at"]) == (held[0]["time"], held[-1]["time"])
            assert row["verb"] == held[0]["verb"]
            marks = self.model.marks.get((feed, group), {})
            assert row["id"] == (f"{ids[0]}.{group}" if marks else ids[0])
            assert {name: row[name] for name in ("is_seen", "is_read") if name in row} == marks

    @rule(feed=feeds, size=sizes)
    def read_page_by_page(self, feed, size):
        whole = [row["id"] for row in self.feed(feed).get(limit=100)["results"]]
        found, options = [], {"limit": size}
        while options:
            answer = self.feed(feed).get(**options)
            found.append([row["id"] for row in answer["results"]])
            query = parse_qs(urlsplit(answer["next"]).query)
            options = {name: query[name][0] for name in ("id_lt", "limit") if query}
        assert found == [whole[at : at + size] for at in range(0, len(whole), size)] or [[]]

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
            answer = read(limit=size, **{f"id_{bound}": whole[at]})
            assert [row["id"] for row in answer["results"]] == part[:size]
            assert bool(answer["next"]) == (len(part) > size)
            assert [row["id"] for row in read(limit=size, offset=at)["results"]] == whole[at:][
                :size
            ]

    @rule(feed=notification_feeds, seen=st.booleans(), read=st.booleans(), size=sizes)
    def mark(self, feed, seen, read, size):
        """The page that is shown, or all; the answer tells the state before."""
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
        held = list(self.model.held[feed].items())
        if held:
            name, entry = held[pick % len(held)]
            self._mark(feed, [entry.group], name if bare else f"{name}.{entry.group}", {how: True})

    def _mark(self, feed, groups, which, marks, **options):
        sent = {f"mark_{name}": which for name, wanted in marks.items() if wanted}
        answer = self.feed(feed).get(**{"limit": 100, **options}, **sent)
        self.check_counts_of_marks(feed, answer)
        for row in answer["results"]:
            before = self.model.marks[feed, row["group"]]
            assert {name: row[name] for name in before} == before
        self.model.mark(feed, groups, **marks)

    def check_counts_of_marks(self, feed, answer):
        assert answer["unseen"] == self.model.unmarked(feed, "is_seen")
        assert answer["unread"] == self.model.unmarked(feed, "is_read")

    # Reactions

    def pick_reaction(self, number):
        names = list(self.reactions.all)
        return names[number % len(names)]

    def noted(self, answer, activity_id, parent="", target_feeds=()):
        row = Reaction(
            answer["id"],
            answer["kind"],
            answer["user_id"],
            activity_id,
            parent,
            answer["data"],
            list(target_feeds),
        )
        self.reactions.add(row)
        assert said(answer) == self.reactions.rendered(row)
        self.told[row.name] = None
        if target_feeds:
            self.tell(row, answer)

    def tell(self, row, answer):
        """Note the activity that tells of a reaction in its target feeds."""
        time = datetime.fromisoformat(answer["created_at"])
        sent = {
            "actor": f"SU:{row.user_id}",
            "verb": row.kind,
            "object": f"SA:{row.activity_id}",
            "reaction": f"SR:{row.name}",
            "foreign_id": f"reaction:{row.name}",
            "time": time,
        }
        (found,) = self.client.get_activities(foreign_id_times=[(sent["foreign_id"], time)])[
            "results"
        ]
        name, content = self.named_by_server(sent, found)
        assert self.told[row.name] in (None, name)
        self.told[row.name] = name
        self.model.add([(name, content, row.target_feeds)])

    def tell_no_more(self, row, feeds):
        if self.told[row.name]:
            self.model.remove_entries(self.told[row.name], feeds)

    @precondition(lambda self: self.named)
    @rule(pick=picks, kind=kinds, user=users, times=st.sampled_from([1, 1, 6]), to=addressed)
    def react(self, pick, kind, user, times, to):
        """To an activity that need not be there any longer; often more than are shown."""
        name = self.pick(pick)
        for number in range(times):
            data = {"number": number}
            answer = self.client.reactions.add(kind, name, user, data=data, target_feeds=to)
            assert answer["data"] == data
            self.noted(answer, name, target_feeds=to)

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, kind=kinds, user=users, times=st.sampled_from([1, 1, 11]), to=addressed)
    def answer(self, pick, kind, user, times, to):
        name = self.pick_reaction(pick)
        for _ in range(times if self.reactions.may_have_child(name) else 0):
            answer = self.client.reactions.add_child(kind, name, user, target_feeds=to)
            self.noted(answer, self.reactions.all[name].activity_id, name, to)
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
        both = self.refusing(
            lambda: self.reactions.update(row.name, data, to),
            lambda: self.client.reactions.update(row.name, data=data, target_feeds=to),
        )
        if both:
            assert said(both[1]) == self.reactions.rendered(row)
            self.tell_no_more(row, set(before) - set(row.target_feeds))
            if to:
                self.tell(row, both[1])

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, how=st.sampled_from(["hide", "restore", "delete"]))
    def delete_reaction(self, pick, how):
        name = self.pick_reaction(pick)
        calls = {
            "hide": lambda: self.client.reactions.delete(name, soft=True),
            "restore": lambda: self.client.reactions.restore(name),
            "delete": lambda: self.client.reactions.delete(name),
        }
        both = self.refusing(lambda: getattr(self.reactions, how)(name), calls[how])
        if how == "delete":
            for row in both[0]:
                self.tell_no_more(row, row.target_feeds)
            with pytest.raises(DoesNotExistException):
                self.client.reactions.get(name)

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks)
    def read_reaction(self, pick):
        row = self.reactions.all[self.pick_reaction(pick)]
        answer = self.client.reactions.get(row.name)
        assert ("deleted_at" in answer) == row.deleted
        assert said(answer) == self.reactions.rendered(row)

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, size=sizes, kind=st.one_of(st.none(), kinds), forward=st.booleans())
    def read_reactions(self, pick, size, kind, forward):
        """Of an activity, below a reaction and of a user, page by page in both directions."""
        row = self.reactions.all[self.pick_reaction(pick)]
        of_kind = {} if kind is None else {"kind": kind}
        for name, condition in {
            "activity_id": lambda one: one.subject == row.activity_id,
            "reaction_id": lambda one: one.subject == row.name,
            "user_id": lambda one: one.user_id == row.user_id and one.is_first,
        }.items():
            found = self.reactions.live(
                lambda one, condition=condition: condition(one) and kind in (None, one.kind)
            )
            asked = {**of_kind, name: row.name if name == "reaction_id" else getattr(row, name)}
            bounds = {"id_lt": found[0].name} if found else {}
            expected = found[1:]
            if forward and found:
                bounds, expected = {"id_gt": found[-1].name}, found[:-1][::-1]
            answer = self.client.reactions.filter(**asked, **bounds, limit=size)
            assert list(map(said, answer["results"])) == list(
                map(self.reactions.rendered, expected[:size])
            )
            assert bool(answer["next"]) == (len(expected) > size)
            answer = self.client.reactions.filter(**asked)
            assert [one["id"] for one in answer["results"]] == [one.name for one in found[:10]]

    @precondition(lambda self: self.reactions.all)
    @rule(pick=picks, user=users)
    def read_own_children(self, pick, user):
        """What a person answered to each, whoever asks; five of each kind, at every level."""
        row = self.reactions.all[self.pick_reaction(pick)]
        answer = self.client.reactions.filter(
            activity_id=row.activity_id, with_own_children=True, children_user_id=user, limit=25
        )
        found = self.reactions.live(lambda one: one.subject == row.activity_id)[:25]
        expected = [self.reactions.rendered(one, children_of=user) for one in found]
        assert list(map(said, answer["results"])) == expected

    @rule(feed=feeds, user=users, children_of=st.none() | users)
    def read_with_reactions(self, feed, user, children_of):
        own = {"withOwnChildren": True, "children_user_id": children_of}
        answer = self.feed(feed).get(
            reactions=ALL_REACTIONS,
            user_id=user,
            limit=100,
            **(own if children_of else {}),
        )
        rows = [one for row in answer["results"] for one in row.get("activities", [row])]
        for row in rows:
            self.check_reactions(row, user, children_of)

    def check_reactions(self, row, user, children_of):
        expected = self.reactions.of_activity(row["id"], user, children_of)
        assert row["reaction_counts"] == expected["reaction_counts"]
        for name in ("latest_reactions", "own_reactions"):
            found = {kind: list(map(said, same)) for kind, same in row[name].items()}
            assert found == expected[name]
        extra = row["latest_reactions_extra"]
        assert extra.keys() == expected["latest_reactions"].keys()
        for kind, same in expected["latest_reactions"].items():
            many = sum(one.kind == kind for one in self.reactions.to(row["id"])) > len(same)
            query = parse_qs(urlsplit(extra[kind]["next"]).query)
            assert query.get("id_lt") == ([same[-1]["id"]] if many else None)

    # All of it

    def compare_everything(self):
        for feed in FLAT + GROUPED:
            self.read(feed)
            self.read_follows(feed)
        for feed in ("notification:1", "own:1"):
            self.check_counts_of_marks(feed, self.feed(feed).get(limit=1))
        ids = list(self.named)
        known = [
            row
            for start in range(0, len(ids), MAX_IDS)
            for row in self.client.get_activities(ids=ids[start : start + MAX_IDS])["results"]
        ]
        expected = [
            shown(self.model.activities[name]) for name in ids if name in self.model.activities
        ]
        assert list(map(as_added, known)) == expected
        check_counts()


def as_added(row):
    """Return what an answer tells of an activity itself."""
    return {name: value for name, value in row.items() if name not in ("id", "origin", "duration")}


def shown(activity):
    """Return an activity of the model as an answer has it: `to` is there only if it has any."""
    return {name: value for name, value in activity.items() if name != "to" or value}


def said(answer):
    """Return what the model knows of a reaction in an answer, its children included."""
    left_out = {"user", "created_at", "updated_at", "duration", "deleted_at"}
    children = {
        name: {kind: list(map(said, same)) for kind, same in answer[name].items()}
        for name in ("latest_children", "own_children")
        if name in answer
    }
    rest = {name: value for name, value in answer.items() if name not in left_out}
    return {**rest, **children}


@pytest.mark.parametrize("length", [5000, 2])
@pytest.mark.django_db
def test_random_calls_match_model(stream, settings, length):
    """With feeds that are never full, and with some that hold two copies."""
    settings.FEEDSERVER_FEED_LENGTH = length
    run_state_machine_as_test(
        lambda: Machine(stream),
        settings=hypothesis_settings(
            max_examples=SEQUENCES,
            stateful_step_count=LONGEST,
            deadline=None,
            # Not "explain": it takes minutes and says little of sequences.
            phases=set(Phase) - {Phase.explain},
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Aggregated feeds: activities in groups, newest group first."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Count

from feedserver.models import Activity, ActivityGroup, Feed, FeedEntry

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def at(minutes, **fields):
    """Return the time and foreign id of an activity so many minutes past noon."""
    return {"time": NOON + timedelta(minutes=minutes), "foreign_id": f"a:{minutes}", **fields}


def follow(follower, *followed, **options):
    for feed in followed:
        follower.follow(feed.slug, feed.user_id, **options)


def groups(feed, **options):
    return feed.get(**options)["results"]


def check_counts():
    """Assert that every group says of itself what its entries say."""
    rows = ActivityGroup.objects.annotate(
        held=Count("entries__activity", distinct=True),
        actors=Count("entries__activity__actor", distinct=True),
    )
    for row in rows:
        held = sorted(set(row.entries.values_list("activity_id", flat=True)))
        assert (row.activity_count, row.actor_count) == (row.held, row.actors), row
        assert (row.oldest, row.newest) == (held[0], held[-1]), row
    slugs = ["aggregated", "notification", "own", "returning", "by_actor"]
    grouped = Feed.objects.filter(slug__in=slugs)
    assert not FeedEntry.objects.filter(feed__in=grouped, group=None).exists()
    assert not FeedEntry.objects.exclude(feed__in=grouped).exclude(group=None).exists()


def test_group_has_stream_keys(feed, make):
    aggregated = feed("aggregated")
    aggregated.add_activity(make(1, **at(0)))
    newest = aggregated.add_activity(make(2, actor="ben", **at(5)))
    answer = aggregated.get()
    assert answer.keys() == {"results", "next", "duration"}
    (group,) = answer["results"]
    assert [row["object"] for row in group.pop("activities")] == ["thing:2", "thing:1"]
    assert group == {
        "activity_count": 2,
        "actor_count": 2,
        "created_at": NOON,
        "updated_at": NOON + timedelta(minutes=5),
        "group": "add_2026-03-04",
        "id": newest["id"],
        "verb": "add",
    }


def test_followed_activities_grouped_with_origin(feed, make):
    user, aggregated = feed(), feed("aggregated")
    follow(aggregated, user)
    user.add_activity(make(1, **at(0)))
    user.add_activity(make(2, verb="like", **at(1)))
    user.add_activity(make(3, **at(2)))
    added, liked = groups(aggregated)
    assert [row["object"] for row in added["activities"]] == ["thing:3", "thing:1"]
    assert {row["origin"] for row in added["activities"]} == {user.id}
    assert liked["verb"] == "like"
    check_counts()


def test_follow_copies_newest_into_groups(feed, make):
    user, aggregated = feed(), feed("aggregated")
    for minute in range(5):
        user.add_activity(make(minute, **at(minute)))
    follow(aggregated, user, activity_copy_limit=4)
    (group,) = groups(aggregated)
    assert (group["activity_count"], len(group["activities"])) == (4, 3)
    check_counts()


def test_two_origins_count_once(feed, make):
    one, two, aggregated = feed(), feed(), feed("aggregated")
    follow(aggregated, one)
    one.add_activity(make(1, to=[two.id], **at(0)))
    one.add_activity(make(2, **at(1)))
    follow(aggregated, two)
    one.add_activity(make(3, to=[two.id], **at(2)))
    assert groups(aggregated)[0]["activity_count"] == 3
    aggregated.unfollow(one.slug, one.user_id)
    (group,) = groups(aggregated)
    assert [row["object"] for row in group["activities"]] == ["thing:3", "thing:1"]
    check_counts()
    aggregated.unfollow(two.slug, two.user_id)
    assert groups(aggregated) == []
    assert not ActivityGroup.objects.exists()


def test_removed_activity_leaves_groups(feed, make):
    user, aggregated = feed(), feed("aggregated")
    follow(aggregated, user)
    for minute, actor in enumerate(["ana", "ben", "ana"]):
        user.add_activity(make(minute, actor=actor, **at(minute)))
    user.remove_activity(foreign_id="a:2")
    (group,) = groups(aggregated)
    assert (group["activity_count"], group["actor_count"]) == (2, 2)
    assert group["updated_at"] == NOON + timedelta(minutes=1)
    user.remove_activity(foreign_id="a:1")
    assert groups(aggregated)[0]["actor_count"] == 1
    user.remove_activity(foreign_id="a:0")
    assert groups(aggregated) == []
    check_counts()


def test_adding_twice_counts_once(feed, make):
    user, aggregated = feed(), feed("aggregated")
    follow(aggregated, user)
    for _ in range(3):
        user.add_activity(make(1, **at(0)))
        aggregated.add_activity(make(1, **at(0)))
    (group,) = groups(aggregated)
    assert (group["activity_count"], group["actor_count"]) == (1, 1)


def test_changed_actor_recounted(stream, feed, make):
    aggregated = feed("aggregated")
    aggregated.add_activity(make(1, **at(0)))
    aggregated.add_activity(make(2, **at(1)))
    stream.update_activities([make(2, actor="ben", **at(1))])
    assert groups(aggregated)[0]["actor_count"] == 2
    aggregated.add_activity(make(2, **at(1)))
    assert groups(aggregated)[0]["actor_count"] == 1


def test_pages_follow_group_ids(client, feed, make):
    aggregated = feed("by_actor")
    for minute in range(7):
        aggregated.add_activity(make(minute, actor=f"actor{minute % 5}", **at(minute)))
    names, older = [], None
    while older != "":
        answer = aggregated.get(limit=2, **({"id_lt": older} if older else {}))
        names += [group["group"] for group in answer["results"]]
        older = answer["results"][-1]["id"] if answer["next"] else ""
        assert answer["next"].endswith(f"id_lt={older}" if older else "")
    assert names == [f"actor{number}_add" for number in (1, 0, 4, 3, 2)]


def test_pages_stable_while_groups_move(feed, make):
    """Every group is on a page or newer than the newest at arrival, and none is there twice."""
    aggregated, minute = feed("by_actor"), iter(range(1000))
    for number in range(60):
        aggregated.add_activity(make(number, actor=f"actor{number}", **at(next(minute))))
    arrival = groups(aggregated, limit=1)[0]["id"]
    pages, older, moving = [], {}, iter(random.Random(1).sample(range(60), 60))
    while True:
        answer = aggregated.get(limit=10, **older)
        pages += [group["group"] for group in answer["results"]]
        if not answer["next"]:
            break
        older = {"id_lt": answer["results"][-1]["id"]}
        for _ in range(3):
            aggregated.add_activity(make(99, actor=f"actor{next(moving)}", **at(next(minute))))
    assert len(pages) == len(set(pages))
    head = [group["group"] for group in groups(aggregated, id_gt=arrival, limit=100)]
    assert {*pages, *head} == {f"actor{number}_add" for number in range(60)}


def test_read_query_count_constant(feed, make, django_assert_num_queries):
    user, aggregated = feed(), feed("by_actor")
    follow(aggregated, user)
    user.add_activity(make(1))
    with django_assert_num_queries(2):
        aggregated.get()
    for number in range(60):
        user.add_activity(make(number, actor=f"actor{number % 20}"))
    with django_assert_num_queries(2):
        assert len(groups(aggregated)) == 21
    user.add_activity(make(99, actor="SU:1", object="SO:food:1"))
    with django_assert_num_queries(4):
        aggregated.get(enrich=True)


def test_activity_enriched_inside_group(stream, feed, make):
    stream.users.add("1", {"name": "Ana"})
    aggregated = feed("aggregated")
    aggregated.add_activity(make(1, actor="SU:1"))
    (group,) = groups(aggregated, enrich=True)
    assert group["activities"][0]["actor"]["data"] == {"name": "Ana"}


def test_aggregated_feed_cannot_be_followed(feed):
    from stream.exceptions import InputException

    with pytest.raises(InputException):
        follow(feed("timeline"), feed("aggregated"))


def test_unused_feed_deleted(feed, make):
    user, aggregated = feed(), feed("aggregated")
    follow(aggregated, user)
    user.add_activity(make(1, **at(0)))
    user.remove_activity(foreign_id="a:0")
    aggregated.unfollow(user.slug, user.user_id)
    assert not Feed.objects.exists()
    assert not Activity.objects.exists()


@pytest.mark.parametrize("seed", range(8))
def test_counts_are_right_after_anything(stream, feed, make, seed):
    """Random adds, removals, updates, follows and unfollows; see also the concurrent ones."""
    rng = random.Random(seed)
    users = [feed() for _ in range(3)]
    readers = [feed(slug) for slug in ("aggregated", "by_actor", "notification", "own")]

    def add():
        minute, to = rng.randrange(12), rng.sample([*users, *readers], rng.randrange(3))
        fields = at(minute, actor=rng.choice(["ana", "ben"]), to=[row.id for row in to])
        rng.choice([*users, *readers]).add_activity(make(minute, **fields))

    def remove():
        rng.choice([*users, *readers]).remove_activity(foreign_id=f"a:{rng.randrange(12)}")

    def update():
        minute = rng.randrange(12)
        stream.update_activities([make(minute, actor="cleo", **at(minute))])

    def begin():
        follow(
            rng.choice(readers), rng.choice(users), activity_copy_limit=rng.randrange(9)
        )

    def end():
        followed = rng.choice(users)
        rng.choice(readers).unfollow(followed.slug, followed.user_id)

    for _ in range(60):
        rng.choice([add, add, add, remove, update, begin, begin, end])()
        check_counts()

"""Aggregated feeds: activities in groups, newest group first."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Count

from feedserver.models import Activity, ActivityGroup, Feed, FeedEntry

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def at(minutes, **fields):
    """Return the fields of an activity at so many minutes past noon."""
    return {"time": NOON + timedelta(minutes=minutes), "foreign_id": f"a:{minutes}", **fields}


def follow(follower, *followed, **options):
    for feed in followed:
        follower.follow(feed.slug, feed.user_id, **options)


def groups(feed, **options):
    return feed.get(**options)["results"]


def check_counts():
    """Assert that the counts of every group match its entries."""
    rows = ActivityGroup.objects.annotate(
        activity_ids=Count("entries__activity", distinct=True),
        actors=Count("entries__activity__actor", distinct=True),
    )
    for row in rows:
        activity_ids = sorted(set(row.entries.values_list("activity_id", flat=True)))
        assert (row.activity_count, row.actor_count) == (row.activity_ids, row.actors), row
        assert (row.oldest, row.newest) == (activity_ids[0], activity_ids[-1]), row
    slugs = ["aggregated", "notification", "own", "returning", "by_actor"]
    grouped = Feed.objects.filter(slug__in=slugs)
    assert not FeedEntry.objects.filter(feed__in=grouped, group=None).exists()
    assert not FeedEntry.objects.exclude(feed__in=grouped).exclude(group=None).exists()


def test_group_has_stream_keys(feed, make):
    aggregated = feed("aggregated")
    aggregated.add_activity(make(1, **at(0)))
    newest = aggregated.add_activity(make(2, actor="ben", **at(5)))
    response = aggregated.get()
    assert response.keys() == {"results", "next", "duration"}
    (group,) = response["results"]
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
    first, second, aggregated = feed(), feed(), feed("aggregated")
    follow(aggregated, first)
    first.add_activity(make(1, to=[second.id], **at(0)))
    first.add_activity(make(2, **at(1)))
    follow(aggregated, second)
    first.add_activity(make(3, to=[second.id], **at(2)))
    assert groups(aggregated)[0]["activity_count"] == 3
    aggregated.unfollow(first.slug, first.user_id)
    (group,) = groups(aggregated)
    assert [row["object"] for row in group["activities"]] == ["thing:3", "thing:1"]
    check_counts()
    aggregated.unfollow(second.slug, second.user_id)
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


def test_wrong_counts_recounted_on_removal(feed, make):
    aggregated = feed("aggregated")
    for minute in range(3):
        aggregated.add_activity(make(minute, **at(minute)))
    ActivityGroup.objects.update(activity_count=1)
    aggregated.remove_activity(foreign_id="a:2")
    assert groups(aggregated)[0]["activity_count"] == 2
    check_counts()


def test_long_group_names_differ(feed, make, settings):
    settings.FEEDSERVER_GROUPS = {"long": {"type": "aggregated", "format": "{{ object }}"}}
    aggregated = feed("long")
    for end in "ab":
        aggregated.add_activity(make(object="x" * 300 + end))
    assert {len(group["group"]) for group in groups(aggregated)} == {255}
    assert len(groups(aggregated)) == 2


def test_format_with_infinitive(feed, make, settings):
    settings.FEEDSERVER_GROUPS = {
        "by_verb": {"type": "aggregated", "format": "{{ verb.infinitive }}"}
    }
    aggregated = feed("by_verb")
    aggregated.add_activity(make())
    assert groups(aggregated)[0]["group"] == "add"


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
        response = aggregated.get(limit=2, **({"id_lt": older} if older else {}))
        names += [group["group"] for group in response["results"]]
        older = response["results"][-1]["id"] if response["next"] else ""
        assert response["next"].endswith(f"id_lt={older}" if older else "")
    assert names == [f"actor{number}_add" for number in (1, 0, 4, 3, 2)]


@pytest.mark.slow
def test_pages_stable_while_groups_move(feed, make):
    """Each group is on one page, or newer than the newest group at the start."""
    aggregated, minute = feed("by_actor"), iter(range(1000))
    for number in range(60):
        aggregated.add_activity(make(number, actor=f"actor{number}", **at(next(minute))))
    arrival = groups(aggregated, limit=1)[0]["id"]
    pages, older, moving = [], {}, iter(random.Random(1).sample(range(60), 60))
    while True:
        response = aggregated.get(limit=10, **older)
        pages += [group["group"] for group in response["results"]]
        if not response["next"]:
            break
        older = {"id_lt": response["results"][-1]["id"]}
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
    for number in range(12):
        user.add_activity(make(number, actor=f"actor{number % 6}"))
    with django_assert_num_queries(2):
        assert len(groups(aggregated)) == 7
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

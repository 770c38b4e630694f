"""Notification feeds: groups with seen and read marks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from stream.exceptions import InputException

from feedserver.tests.calls import call_api, check_error
from feedserver.tests.test_aggregated import at, follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(feed, make):
    """Return a feed of three groups: "like" is the oldest, then "post" and "add"."""
    inbox = feed("notification")
    for minute, verb in enumerate(["like", "post", "add"]):
        inbox.add_activity(make(minute, verb=verb, **at(minute)))
    return inbox


def marks(inbox, field):
    return [group[field] for group in inbox.get()["results"]]


def counts(response):
    return response["unseen"], response["unread"]


def test_page_has_marks_and_counts(inbox):
    response = inbox.get()
    assert response.keys() == {"results", "next", "duration", "unseen", "unread"}
    assert counts(response) == (3, 3)
    newest = response["results"][0]
    assert (newest["is_seen"], newest["is_read"]) == (False, False)
    assert newest["id"] == f"{newest['activities'][0]['id']}.add_2026-03-04"


def test_response_has_state_before_marking(inbox):
    response = inbox.get(mark_seen=True)
    assert counts(response) == (3, 3)
    assert not any(group["is_seen"] for group in response["results"])
    assert counts(inbox.get()) == (0, 3)


def test_seen_and_read_independent(inbox):
    inbox.get(mark_read=True)
    assert counts(inbox.get()) == (3, 0)
    assert marks(inbox, "is_seen") == [False] * 3


def test_true_marks_all_groups(inbox):
    inbox.get(limit=1, mark_seen=True)
    assert marks(inbox, "is_seen") == [True] * 3


def test_current_marks_the_page(inbox):
    inbox.get(limit=2, mark_read="current")
    assert marks(inbox, "is_read") == [True, True, False]


@pytest.mark.parametrize("trim", [False, True])
def test_groups_marked_by_id(inbox, trim):
    ids = [group["id"] for group in inbox.get()["results"][1:]]
    inbox.get(mark_read=[name.partition(".")[0] if trim else name for name in ids])
    assert marks(inbox, "is_read") == [False, True, True]


def test_moved_group_marked_by_old_id(inbox, make):
    oldest = inbox.get()["results"][-1]["id"]
    inbox.add_activity(make(9, verb="like", **at(9)))
    inbox.get(mark_read=[oldest])
    assert marks(inbox, "is_read") == [True, False, False]


def test_new_activity_unmarks_its_group(inbox, make):
    inbox.get(mark_seen=True, mark_read=True)
    inbox.add_activity(make(9, verb="like", **at(9)))
    response = inbox.get()
    assert counts(response) == (1, 1)
    assert response["results"][0]["verb"] == "like"


def test_same_activity_again_keeps_marks(inbox, make):
    inbox.get(mark_seen=True)
    inbox.add_activity(make(2, verb="add", **at(2)))
    assert counts(inbox.get())[0] == 0


def test_fan_out_and_follow_bring_unseen(feed, make):
    user, inbox = feed(), feed("notification")
    user.add_activity(make(1, **at(0)))
    follow(inbox, user)
    assert counts(inbox.get(mark_seen=True)) == (1, 1)
    user.add_activity(make(2, **at(1)))
    assert counts(inbox.get()) == (1, 1)


def test_follow_without_history_brings_nothing(feed, make):
    user, inbox = feed(), feed("notification")
    user.add_activity(make(1, **at(0)))
    follow(inbox, user, activity_copy_limit=0)
    assert counts(inbox.get()) == (0, 0)


@pytest.mark.parametrize("way", ["added", "fanned out", "copied"])
def test_own_activities_added_seen_and_read(stream, feed, make, way):
    user, inbox = feed(), stream.feed("own", "7")
    if way == "fanned out":
        follow(inbox, user)
    source = inbox if way == "added" else user
    source.add_activity(make(1, actor="SU:7", **at(0)))
    if way == "copied":
        follow(inbox, user)
    assert counts(inbox.get()) == (0, 0)
    source.add_activity(make(2, actor="SU:8", **at(1)))
    assert counts(inbox.get(mark_seen=True)) == (1, 1)
    source.add_activity(make(3, actor="SU:7", **at(2)))
    assert counts(inbox.get()) == (0, 1)


def test_aggregated_feed_has_no_marks(feed, make):
    aggregated = feed("aggregated")
    aggregated.add_activity(make(1))
    (group,) = aggregated.get(mark_seen=True)["results"]
    assert "is_seen" not in group


def test_too_many_ids_refused(inbox):
    with pytest.raises(InputException):
        inbox.get(mark_read=[f"x{number}" for number in range(101)])


def test_group_marked_by_removed_activity(inbox, make):
    newest = inbox.add_activity(make(9, verb="add", **at(9)))
    name = f"{newest['id']}.add_2026-03-04"
    inbox.remove_activity(newest["id"])
    inbox.get(mark_read=name)
    assert marks(inbox, "is_read") == [True, False, False]


def test_marking_again_writes_nothing(inbox):
    inbox.get(mark_seen=True, mark_read=True)
    with CaptureQueriesContext(connection) as queries:
        inbox.get(mark_seen=True, mark_read=True)
    assert not [row for row in queries if row["sql"].startswith("UPDATE")]


def test_unknown_ids_mark_nothing(inbox):
    inbox.get(mark_read=["x", "00000000-0000-1000-8000-000000000000"])
    assert counts(inbox.get()) == (3, 3)


def test_head_request_marks_nothing(client, inbox):
    path = f"feed/notification/{inbox.user_id}/"
    call_api(client, path, "head", query="&mark_seen=true")
    assert counts(inbox.get())[0] == 3


@pytest.mark.parametrize("mark", ["mark_seen=true", "mark_read=current", "mark_read=x"])
def test_read_only_token_marks_nothing(client, inbox, mark):
    claims = {"resource": "*", "action": "read", "feed_id": f"notification{inbox.user_id}"}
    path = f"feed/notification/{inbox.user_id}/"
    check_error(call_api(client, path, claims=claims, query=f"&{mark}"), 403, 17)
    assert call_api(client, path, claims=claims).status_code == 200
    assert counts(inbox.get()) == (3, 3)

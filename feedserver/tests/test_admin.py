from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse

from feedserver import ids
from feedserver.models import (
    Activity,
    ActivityGroup,
    AuditEntry,
    Feed,
    FeedEntry,
    FeedLength,
    Follow,
    Reaction,
    ReactionCount,
    RemovedActivity,
    StreamObject,
    StreamUser,
)

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("feedserver").get_models())


def fill(start, stop):
    """Insert one row into every table for each number."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    reader, _ = Feed.objects.get_or_create(slug="timeline", user_id="reader")
    for number in range(start, stop):
        name = f"thing:{number}"
        feed = Feed.objects.create(slug="user", user_id=str(number))
        activity = Activity.objects.create(
            id=ids.id_of_foreign_id(name, moment), foreign_id=name, time=moment
        )
        FeedEntry.objects.create(feed=feed, activity=activity, origin=feed)
        ActivityGroup.objects.create(
            feed=feed,
            name=name,
            newest=activity.pk,
            oldest=activity.pk,
            activity_count=1,
            actor_count=1,
        )
        FeedLength.objects.create(feed=feed, copies=0)
        Follow.objects.create(source=reader, target=feed)
        RemovedActivity.objects.create(id=activity.pk, removed_at=moment)
        StreamUser.objects.create(pk=str(number))
        StreamObject.objects.create(collection="food", object_id=str(number))
        Reaction.objects.create(
            id=ids.fresh_id(moment), name=str(number), subject="SA:1", updated_at=moment
        )
        ReactionCount.objects.create(subject=f"SA:{number}", kind="like")
        AuditEntry.objects.create(entity_type="activity", entity_id=str(number))


@pytest.fixture
def staff(client):
    client.force_login(
        get_user_model().objects.create_superuser("root", "root@example.com", "a password")
    )
    return client


def address(model, page, *args):
    return reverse(f"admin:feedserver_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_rows_are_read_only(staff, model):
    fill(0, 1)
    row = model.objects.first()
    before = list(model.objects.values())
    assert staff.get(address(model, "changelist")).status_code == 200
    assert staff.get(address(model, "change", row.pk)).status_code == 200
    assert staff.get(address(model, "add")).status_code == 403
    for page in ("change", "delete"):
        assert staff.post(address(model, page, row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    staff.post(address(model, "changelist"), chosen)
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("model", MODELS)
def test_list_query_count_constant(staff, model, django_assert_max_num_queries):
    staff.get(address(model, "changelist"))
    counts = []
    for start, stop in ((0, 1), (1, 12)):
        fill(start, stop)
        with django_assert_max_num_queries(15) as queries:
            staff.get(address(model, "changelist"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (Feed, "1"),
        (Feed, "user:1"),
        (ActivityGroup, "user:1"),
        (Activity, "thing:1"),
        (FeedEntry, "thing:1"),
        (FeedLength, "1"),
        (Follow, "1"),
        (StreamUser, "1"),
        (StreamObject, "food:1"),
        (Reaction, "1"),
        (ReactionCount, "SA:1"),
        (AuditEntry, "1"),
    ],
)
def test_search_finds_exact_match(staff, model, text):
    fill(0, 12)
    changelist = staff.get(address(model, "changelist"), {"q": text}).context["cl"]
    assert changelist.result_count == 1


def test_feeds_filtered_by_group(staff):
    fill(0, 3)
    page = staff.get(address(Feed, "changelist"), {"group": "timeline"})
    assert page.context["cl"].result_count == 1
    assert "timeline (flat)" in page.content.decode()


def test_every_model_registered():
    assert all(admin.site.is_registered(model) for model in MODELS)

import pytest
from django.urls import reverse
from stream_django.client import stream_client

from accounts.tests.factories import ModeratorFactory, SuperuserFactory, UserFactory
from feeds.models import OutboxEntry
from feeds.outbox.claims import claim
from feeds.outbox.delivery import deliver_pending
from feeds.tests.factories import OutboxEntryFactory

pytestmark = pytest.mark.django_db

LIST = "admin:feeds_outboxentry_changelist"


@pytest.fixture
def staff(client):
    client.force_login(SuperuserFactory())
    return client


def test_staff_see_state_and_error(staff):
    OutboxEntryFactory(state="failed", error="InputException: no")
    assert "InputException: no" in staff.get(reverse(LIST)).content.decode()


def test_a_failed_entry_is_tried_again(staff):
    OutboxEntry.objects.all().delete()
    entry = OutboxEntryFactory(state="failed")
    staff.post(reverse(LIST), {"action": "retry", "_selected_action": [entry.pk]})
    entry.refresh_from_db()
    assert entry.state == "pending"


def test_a_delivered_entry_is_left_alone(staff, deliver):
    entry = OutboxEntryFactory()
    deliver()
    staff.post(reverse(LIST), {"action": "retry", "_selected_action": [entry.pk]})
    entry.refresh_from_db()
    assert entry.state == "delivered"


def test_nobody_adds_changes_or_deletes_an_entry(staff):
    entry = OutboxEntryFactory()
    assert staff.get(reverse("admin:feeds_outboxentry_add")).status_code == 403
    delete = reverse("admin:feeds_outboxentry_delete", args=[entry.pk])
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    change = reverse("admin:feeds_outboxentry_change", args=[entry.pk])
    staff.post(change, {"state": "delivered"})
    entry.refresh_from_db()
    assert entry.state == "pending"


def test_moderators_do_not_see_the_outbox(client):
    client.force_login(ModeratorFactory())
    assert client.get(reverse(LIST)).status_code == 403


@pytest.mark.parametrize("rows", [1, 120])
def test_the_list_takes_few_queries_at_any_size(staff, django_assert_max_num_queries, rows):
    OutboxEntryFactory.create_batch(rows)
    with django_assert_max_num_queries(15):
        staff.get(reverse(LIST))


def test_retry_keeps_running_claim(staff):
    OutboxEntry.objects.all().delete()
    entry = OutboxEntryFactory()
    assert claim().entries == [entry]
    staff.post(reverse(LIST), {"action": "retry", "_selected_action": [entry.pk]})
    assert claim() is None


def test_changelist_warns_of_other_destinations(staff):
    OutboxEntryFactory()
    assert "another destination" not in staff.get(reverse(LIST)).content.decode()
    OutboxEntryFactory(destination="another")
    assert "another destination" in staff.get(reverse(LIST)).content.decode()


def test_refused_entry_is_delivered_after_fix(staff, picky_stream):
    OutboxEntry.objects.all().delete()
    person = UserFactory(name="Refused")
    picky = picky_stream("Refused")
    deliver_pending()
    entry = OutboxEntry.objects.get(operation="set_user")
    assert "InputException: no Refused" in staff.get(reverse(LIST)).content.decode()
    picky.text = "what nobody says"
    staff.post(reverse(LIST), {"action": "retry", "_selected_action": [entry.pk]})
    deliver_pending()
    entry.refresh_from_db()
    assert (entry.state, entry.error) == ("delivered", "")
    assert stream_client.users.get(str(person.pk))["data"]["name"] == "Refused"


def test_entries_are_found_by_subject_or_key(staff):
    OutboxEntryFactory(subject="accounts.User:77", key="user:77")
    OutboxEntryFactory(subject="accounts.User:78", key="user:78")
    for text in ("accounts.User:77", "user:77"):
        page = staff.get(reverse(LIST), {"q": text}).content.decode()
        assert "accounts.User:77" in page
        assert "accounts.User:78" not in page

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from messaging.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/messaging/message/"


@pytest.fixture
def staff(client):
    people = get_user_model().objects
    client.force_login(people.create_superuser("root", "root@example.com", "a long password"))
    return client


def test_staff_never_see_texts(staff, ana, ben):
    message = MessageFactory(sender=ana, recipient=ben, body="A secret of theirs.")
    for address in (LIST, f"{LIST}?q=ana", f"{LIST}{message.pk}/change/"):
        page = staff.get(address).content.decode()
        assert "ana" in page
        assert "ben" in page
        assert "secret" not in page


def test_nor_can_they_find_it_by_searching(staff, ana, ben):
    MessageFactory(sender=ana, recipient=ben, body="A secret of theirs.")
    assert not staff.get(LIST, {"q": "secret"}).context["cl"].result_list
    for lookup in ("body", "body__contains", "body__startswith", "body__length"):
        assert staff.get(LIST, {lookup: "A secret"}).status_code == 400
    for lookup in ("sender__messages_sent__body", "recipient__password__startswith"):
        assert staff.get(LIST, {lookup: "A secret"}).status_code == 400
    people = reverse(f"admin:{get_user_model()._meta.label_lower.replace('.', '_')}_changelist")
    for lookup in ("messages_sent__body__contains", "messages_received__body"):
        assert staff.get(people, {lookup: "A secret"}).status_code == 400


@pytest.mark.parametrize("path", ["add/", "{}/change/", "{}/delete/"])
def test_they_change_nothing(staff, ana, ben, path):
    message = MessageFactory(sender=ana, recipient=ben, body="A secret of theirs.")
    answer = staff.post(LIST + path.format(message.pk), {"body": "Changed.", "post": "yes"})
    assert answer.status_code == 403
    message.refresh_from_db()
    assert message.body == "A secret of theirs."


def test_the_record_of_who_left_stays(staff, ana, ben):
    MessageFactory(sender=ana, recipient=ben)
    ana.delete()
    assert "ben" in staff.get(LIST).content.decode()

import pytest
from django.contrib.auth import get_user_model

from notifications.services import notify

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    people = get_user_model().objects
    client.force_login(people.create_superuser("root", "root@example.com", "a long password"))
    return client


def test_staff_look_and_change_nothing(staff, ana):
    notify(ana, "count", 3)
    row = notify(ana, "count", 4)
    shown = staff.get("/admin/notifications/notification/", {"q": "ana"})
    assert shown.status_code == 200
    assert "count" in shown.content.decode()
    page = f"/admin/notifications/notification/{row.pk}/"
    assert staff.get(f"{page}change/").status_code == 200
    assert staff.post(f"{page}change/", {"payload": "5"}).status_code == 403
    assert staff.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert staff.get("/admin/notifications/notification/add/").status_code == 403

import jwt
import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory

pytestmark = pytest.mark.django_db


def address(group, feed_id):
    return reverse("feeds:token", args=[group, feed_id])


def test_whoever_may_see_the_page_may_renew_its_token(client):
    collection = CollectionFactory()
    answer = client.get(address("collection", str(collection.pk)))
    claims = jwt.decode(answer.json()["token"], django_settings.STREAM_API_SECRET, ["HS256"])
    assert claims["feed_id"] == f"collection{collection.pk}"
    assert (claims["resource"], claims["action"]) == ("*", "read")
    assert claims["exp"] == answer.json()["expires"]
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "feed", [("collection", "0"), ("user", "x"), ("timeline", "0"), ("x", "1")]
)
def test_unknown_feed_has_no_token(client, feed):
    client.force_login(UserFactory())
    answer = client.get(address(*feed))
    assert answer.status_code == 404
    assert "token" not in answer.json()


def test_asking_for_a_token_is_no_sign_of_life(client):
    person = UserFactory()
    client.force_login(person)
    client.get(address("user", str(person.pk)))
    person.refresh_from_db()
    assert person.last_seen is None


@pytest.mark.parametrize("feed_id", ["1,timeline7", "1.2", "*", "1 2", "%00"])
def test_a_token_names_one_feed(client, settings, feed_id):
    settings.FEEDS_MAY_READ = "feeds.stream.tokens.may_read"
    assert client.get(f"/feeds/token/user/{feed_id}/").status_code == 404


@pytest.mark.parametrize(
    ("group", "feed_id"), [("timel", "ine7"), ("timeline1", "7"), ("notif", "ication7")]
)
def test_a_private_feed_is_private_however_its_name_is_cut(client, settings, group, feed_id):
    settings.FEEDS_MAY_READ = "feeds.stream.tokens.may_read"
    assert client.get(address(group, feed_id)).status_code == 404


def test_by_default_a_private_feed_is_its_owners(client, settings):
    settings.FEEDS_MAY_READ = "feeds.stream.tokens.may_read"
    person = UserFactory()
    assert client.get(address("timeline", str(person.pk))).status_code == 404
    client.force_login(person)
    assert client.get(address("timeline", str(person.pk))).status_code == 200
    assert client.get(address("timeline", str(person.pk + 1))).status_code == 404

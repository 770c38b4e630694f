from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import ModeratorFactory, UserFactory
from feeds.models import OutboxEntry
from feeds.tests.factories import OutboxEntryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitoring(settings):
    settings.HEALTH_TOKEN = "a-secret"
    return {"authorization": "Bearer a-secret"}


def test_a_site_that_works_says_so_and_nothing_else(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_it_asks_for_nobody_and_for_no_session(signed_in):
    client = signed_in(UserFactory(last_seen=None))
    with CaptureQueriesContext(connection) as queries:
        client.get("/healthz")
    assert [query["sql"] for query in queries] == ["SELECT 1"]


def test_it_is_answered_without_tls_too(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz/feeds").status_code == 301


def test_a_database_that_is_away_makes_it_unavailable(client):
    def away(*args):
        raise connection.Database.OperationalError("the database is away")

    with connection.execute_wrapper(away):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"unavailable\n")


def test_a_cache_that_is_away_makes_it_unavailable(client, settings):
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}
    settings.CACHES = {"default": {**away, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert client.get("/healthz").status_code == 503
    del caches["default"]


def test_feeds_tell_staff_what_waits(signed_in):
    client = signed_in(ModeratorFactory())
    OutboxEntry.objects.all().delete()
    OutboxEntryFactory()
    OutboxEntryFactory(state="failed")
    told = client.get("/healthz/feeds").json()
    assert (told["pending"], told["failed"], told["paused"]) == (1, 1, False)
    assert 0 <= told["oldest_age"] < 60


def test_feeds_that_wait_too_long_are_503(client, monitoring, settings):
    OutboxEntryFactory()
    assert client.get("/healthz/feeds", headers=monitoring).status_code == 200
    late = timezone.now() - timedelta(seconds=settings.FEEDS_MAX_DELAY + 1)
    OutboxEntry.objects.update(created_at=late)
    answer = client.get("/healthz/feeds", headers=monitoring)
    assert answer.status_code == 503
    assert answer.json()["oldest_age"] > settings.FEEDS_MAX_DELAY


def test_the_token_opens_it_as_a_header_and_as_a_parameter(client, monitoring):
    assert client.get("/healthz/feeds", headers=monitoring).status_code == 200
    assert client.get("/healthz/feeds", {"token": "a-secret"}).status_code == 200


@pytest.mark.parametrize("token", ["", "another", "a-secreté"])
def test_another_token_opens_nothing(client, monitoring, token):
    assert client.get("/healthz/feeds", {"token": token}).status_code == 404


def test_without_a_token_of_the_site_an_empty_one_opens_nothing(client):
    assert client.get("/healthz/feeds", headers={"authorization": "Bearer "}).status_code == 404


def test_looking_is_no_sign_of_life(signed_in):
    person = ModeratorFactory()
    signed_in(person).get("/healthz/feeds")
    person.refresh_from_db()
    assert person.last_seen is None

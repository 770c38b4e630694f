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


def test_healthz_is_ok(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_healthz_loads_no_session(signed_in):
    client = signed_in(UserFactory(last_seen=None))
    with CaptureQueriesContext(connection) as queries:
        client.get("/healthz")
    assert [query["sql"] for query in queries] == ["SELECT 1"]


def test_healthz_needs_no_tls(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz/feeds").status_code == 301


def test_unreachable_database_is_unavailable(client):
    def away(*args):
        raise connection.Database.OperationalError("the database is away")

    with connection.execute_wrapper(away):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"unavailable\n")


def test_unreachable_cache_is_unavailable(client, settings):
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache"}
    settings.CACHES = {"default": {**away, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert client.get("/healthz").status_code == 503
    del caches["default"]


def test_staff_see_feeds_backlog(signed_in):
    client = signed_in(ModeratorFactory())
    OutboxEntry.objects.all().delete()
    OutboxEntryFactory()
    OutboxEntryFactory(state="failed")
    backlog = client.get("/healthz/feeds").json()
    assert (backlog["pending"], backlog["failed"], backlog["paused"]) == (1, 1, False)
    assert 0 <= backlog["oldest_age"] < 60


def test_old_backlog_is_unavailable(client, monitoring, settings):
    OutboxEntryFactory()
    assert client.get("/healthz/feeds", headers=monitoring).status_code == 200
    late = timezone.now() - timedelta(seconds=settings.FEEDS_MAX_DELAY + 1)
    OutboxEntry.objects.update(created_at=late)
    answer = client.get("/healthz/feeds", headers=monitoring)
    assert answer.status_code == 503
    assert answer.json()["oldest_age"] > settings.FEEDS_MAX_DELAY


def test_token_in_header_or_query(client, monitoring):
    assert client.get("/healthz/feeds", headers=monitoring).status_code == 200
    assert client.get("/healthz/feeds", {"token": "a-secret"}).status_code == 200


@pytest.mark.parametrize("token", ["", "another", "a-secreté"])
def test_wrong_token_is_not_found(client, monitoring, token):
    assert client.get("/healthz/feeds", {"token": token}).status_code == 404


def test_empty_token_is_not_found(client):
    assert client.get("/healthz/feeds", headers={"authorization": "Bearer "}).status_code == 404


def test_health_check_keeps_last_seen(signed_in):
    person = ModeratorFactory()
    signed_in(person).get("/healthz/feeds")
    person.refresh_from_db()
    assert person.last_seen is None

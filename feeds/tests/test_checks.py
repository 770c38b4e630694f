import pytest
from django.core.checks import run_checks
from django.db import connection

from feeds.models import OutboxEntry
from feeds.tests.factories import OutboxEntryFactory


def found(**options):
    return {message.id for message in run_checks(**options)}


def test_project_settings_pass():
    assert not {identifier for identifier in found() if identifier.startswith("feeds.")}


def test_key_without_secret_is_error(settings):
    settings.STREAM_API_SECRET = ""
    assert "feeds.E001" in found()


def test_unknown_delivery_is_error(settings):
    settings.FEEDS_DELIVERY = "pigeon"
    assert "feeds.E002" in found()


@pytest.mark.parametrize("name", ["FEEDS_TRANSPORT", "FEEDS_MAY_READ"])
def test_invalid_path_is_error(settings, name):
    setattr(settings, name, "no.such.thing")
    assert "feeds.E003" in found()


@pytest.mark.parametrize("address", ["https://api.example.org", "http://localhost:8001", ""])
def test_valid_base_url_passes(settings, address):
    settings.STREAM_BASE_URL = address
    assert "feeds.E004" not in found()


@pytest.mark.parametrize(
    "address", ["https://example.org", "http://127.0.0.1:8001", "localhost", "http://localhost/x"]
)
def test_invalid_base_url_is_error(settings, address):
    settings.STREAM_BASE_URL = address
    assert "feeds.E004" in found()


def test_inline_hosted_delivery_is_warned_of(settings):
    settings.FEEDS_TRANSPORT = None
    settings.FEEDS_DELIVERY = "inline"
    assert "feeds.W001" in found()


def test_local_variable_is_warned_of(settings, monkeypatch):
    settings.FEEDS_TRANSPORT = None
    monkeypatch.setenv("LOCAL", "1")
    assert "feeds.W003" in found()


@pytest.mark.django_db
def test_check_warns_of_other_destinations():
    OutboxEntryFactory()
    asked = {"databases": ["default"]}
    assert "feeds.W002" not in found(**asked)
    OutboxEntryFactory(destination="another")
    assert "feeds.W002" in found(**asked)
    assert "feeds.W002" not in found()


@pytest.mark.django_db(transaction=True)
def test_check_before_migration_passes():
    with connection.schema_editor() as editor:
        editor.delete_model(OutboxEntry)
    try:
        assert "feeds.W002" not in found(databases=["default"])
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(OutboxEntry)

import pytest
from django.core.checks import run_checks
from django.db import connection

from feeds.models import OutboxEntry
from feeds.tests.factories import OutboxEntryFactory


def found(**options):
    return {message.id for message in run_checks(**options)}


def test_the_projects_own_settings_are_fine():
    assert not {identifier for identifier in found() if identifier.startswith("feeds.")}


def test_a_key_without_a_secret_is_an_error(settings):
    settings.STREAM_API_SECRET = ""
    assert "feeds.E001" in found()


def test_an_unknown_way_of_delivery_is_an_error(settings):
    settings.FEEDS_DELIVERY = "pigeon"
    assert "feeds.E002" in found()


@pytest.mark.parametrize("name", ["FEEDS_TRANSPORT", "FEEDS_MAY_READ"])
def test_a_path_to_nothing_is_an_error(settings, name):
    setattr(settings, name, "no.such.thing")
    assert "feeds.E003" in found()


@pytest.mark.parametrize("address", ["https://api.example.org", "http://localhost:8001", ""])
def test_an_address_that_clients_can_call_is_fine(settings, address):
    settings.STREAM_BASE_URL = address
    assert "feeds.E004" not in found()


@pytest.mark.parametrize(
    "address", ["https://example.org", "http://127.0.0.1:8001", "localhost", "http://localhost/x"]
)
def test_an_address_that_clients_cannot_call_is_an_error(settings, address):
    settings.STREAM_BASE_URL = address
    assert "feeds.E004" in found()


def test_inline_delivery_to_hosted_stream_is_warned_of(settings):
    settings.FEEDS_TRANSPORT = None
    settings.FEEDS_DELIVERY = "inline"
    assert "feeds.W001" in found()


def test_a_local_variable_that_redirects_stream_is_warned_of(settings, monkeypatch):
    settings.FEEDS_TRANSPORT = None
    monkeypatch.setenv("LOCAL", "1")
    assert "feeds.W003" in found()


@pytest.mark.django_db
def test_entries_for_another_destination_are_warned_of_where_databases_are_checked():
    OutboxEntryFactory()
    asked = {"databases": ["default"]}
    assert "feeds.W002" not in found(**asked)
    OutboxEntryFactory(destination="another")
    assert "feeds.W002" in found(**asked)
    assert "feeds.W002" not in found()


@pytest.mark.django_db(transaction=True)
def test_a_database_without_tables_is_checked_too():
    with connection.schema_editor() as editor:
        editor.delete_model(OutboxEntry)
    try:
        assert "feeds.W002" not in found(databases=["default"])
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(OutboxEntry)

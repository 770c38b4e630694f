import copy

import pytest
from django.core.management import CommandError, call_command
from stream_django.client import stream_client

from feeds.management.commands.check_stream import FEED_ID

pytestmark = pytest.mark.django_db


@pytest.fixture
def check(capsys):
    """Return a function that runs the command and returns what it printed, and its error."""

    def run():
        error = None
        try:
            call_command("check_stream")
        except CommandError as raised:
            error = str(raised)
        return capsys.readouterr().out, error

    return run


@pytest.fixture
def wanted(settings):
    """Return the groups that the site needs, apart from those that the server has."""
    settings.FEEDS_GROUPS = copy.deepcopy(settings.FEEDSERVER_GROUPS)
    return settings.FEEDS_GROUPS


def test_correct_groups_pass(check):
    printed, error = check()
    assert error is None
    assert "collection: flat is there." in printed
    assert "timeline: aggregated is there." in printed
    assert "notification: notification is there." in printed
    assert "6 groups read, 0 missing or wrong." in printed


def test_probe_leaves_feeds_empty(check, wanted):
    check()
    for group in wanted:
        assert stream_client.feed(group, FEED_ID).get()["results"] == []


def test_missing_group_prints_advice(check, wanted):
    wanted["digest"] = {"type": "aggregated", "format": "{{ actor }}"}
    printed, error = check()
    assert error.startswith("Stream is not set up yet")
    assert "digest: aggregated is missing." in printed
    assert "Name: digest\n    Type: aggregated\n    Aggregation format: {{ actor }}\n" in printed
    assert "7 groups read, 1 missing or wrong." in printed


@pytest.mark.parametrize(
    ("group", "wrong", "found"),
    [
        ("user", "aggregated", "flat"),
        ("user", "notification", "flat"),
        ("timeline", "flat", "aggregated"),
        ("timeline", "notification", "aggregated"),
        ("notification", "flat", "notification"),
        ("notification", "aggregated", "notification"),
    ],
)
def test_wrong_group_type_is_found(group, wrong, found, check, wanted):
    wanted[group]["type"] = wrong
    printed, error = check()
    assert f"{group}: {wrong} is there, but {found} instead of {wrong}." in printed
    assert error


def test_wrong_format_is_found(check, wanted):
    wanted["timeline"]["format"] = "{{ verb }}"
    printed, _error = check()
    assert "timeline: aggregated is there, with another aggregation format." in printed
    assert "Aggregation format: {{ verb }}" in printed


def test_wrong_credentials_are_reported(check, faulty_stream):
    body = b'{"detail": "api_key not found", "code": 2, "exception": "X", "duration": "1ms"}'
    faulty_stream(401, body)
    assert check()[1] == "Stream cannot be asked. Api_key not found"


def test_unreachable_stream_is_reported(check, broken_stream):
    assert check()[1].startswith("Stream cannot be asked.")


def test_results_before_outage_are_printed(check, wanted, interrupt):
    def lose_connection():
        raise ConnectionError("for a moment")

    first, *_others, last = wanted
    interrupt(f"feed/{last}/{FEED_ID}/", lose_connection)
    printed, error = check()
    assert f"{first}: {wanted[first]['type']} is there." in printed
    assert f"{len(wanted) - 1} groups read, 0 missing or wrong." in printed
    assert error == "Stream cannot be asked. For a moment"

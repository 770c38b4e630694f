import copy

import pytest
from django.core.management import CommandError, call_command
from stream_django.client import stream_client

from feeds.doctor.probe import FEED_ID

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
    """What the site asks for, which is here another thing than what the server has."""
    settings.FEEDS_GROUPS = copy.deepcopy(settings.FEEDSERVER_GROUPS)
    return settings.FEEDS_GROUPS


def test_groups_that_are_as_they_should_be_are_said_to_be_there(check):
    printed, error = check()
    assert error is None
    assert "collection: flat is there." in printed
    assert "timeline: aggregated is there." in printed
    assert "notification: notification is there." in printed
    assert "6 groups read, 0 missing or wrong." in printed


def test_trying_leaves_nothing_behind(check, wanted):
    check()
    for group in wanted:
        assert stream_client.feed(group, FEED_ID).get()["results"] == []


def test_of_a_missing_group_it_prints_what_to_enter(check, wanted):
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
def test_a_group_of_another_type_is_told_from_an_empty_feed_too(group, wrong, found, check, wanted):
    wanted[group]["type"] = wrong
    printed, error = check()
    assert f"{group}: {wrong} is there, but {found} instead of {wrong}." in printed
    assert error


def test_another_aggregation_format_is_seen(check, wanted):
    wanted["timeline"]["format"] = "{{ verb }}"
    printed, _error = check()
    assert "timeline: aggregated is there, with another aggregation format." in printed
    assert "Aggregation format: {{ verb }}" in printed


def test_wrong_credentials_are_said_to_be_wrong(check, faulty_stream):
    body = b'{"detail": "api_key not found", "code": 2, "exception": "X", "duration": "1ms"}'
    faulty_stream(401, body)
    assert check()[1] == "Stream cannot be asked. Api_key not found"


def test_stream_out_of_reach_is_said_to_be(check, broken_stream):
    assert check()[1].startswith("Stream cannot be asked.")


def test_what_was_found_before_stream_got_lost_is_printed(check, wanted, interrupt):
    def lose_connection():
        raise ConnectionError("for a moment")

    first, *_others, last = wanted
    interrupt(f"feed/{last}/{FEED_ID}/", lose_connection)
    printed, error = check()
    assert f"{first}: {wanted[first]['type']} is there." in printed
    assert f"{len(wanted) - 1} groups read, 0 missing or wrong." in printed
    assert error == "Stream cannot be asked. For a moment"

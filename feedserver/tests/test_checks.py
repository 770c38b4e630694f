import pytest
from django.core.checks import run_checks


def reported_ids():
    return {message.id for message in run_checks()}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("FEEDSERVER_API_KEY", "", "feedserver.E001"),
        ("FEEDSERVER_API_SECRET", "", "feedserver.E001"),
        ("FEEDSERVER_API_SECRET", "short", "feedserver.E002"),
        ("FEEDSERVER_API_SECRET", "a.b" * 20, "feedserver.W001"),
        ("FEEDSERVER_REMEMBER_DAYS", 0, "feedserver.E009"),
        ("FEEDSERVER_REMEMBER_DAYS", "365", "feedserver.E009"),
        ("FEEDSERVER_FEED_LENGTH", 0, "feedserver.E010"),
        ("FEEDSERVER_AUDIT_DAYS", 0, "feedserver.E010"),
        ("FEEDSERVER_AUDIT_DAYS", "90", "feedserver.E010"),
        ("FEEDSERVER_GROUPS", {"a b": {"type": "flat"}}, "feedserver.E003"),
        ("FEEDSERVER_GROUPS", {"user": {"type": "round"}}, "feedserver.E004"),
        ("FEEDSERVER_GROUPS", {"user": {"type": "flat", "size": 3}}, "feedserver.E005"),
    ],
)
def test_setting_mistake_is_reported(settings, name, value, expected):
    setattr(settings, name, value)
    assert expected in reported_ids()


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("format", "{{ verb", "E006"),
        ("format", "{{ feeling }}", "E006"),
        ("format", "{{ feed.user_id }}", "E006"),
        ("format", "{{ actor.name }}", "E006"),
        ("format", 7, "E007"),
        ("activities", 0, "E007"),
        ("activities", -1, "E007"),
        ("activities", 101, "E007"),
        ("activities", "5", "E007"),
        ("activities", True, "E007"),
        ("own_seen", "no", "E007"),
        ("owned", 0, "E007"),
        ("returning_seen", 1, "E007"),
    ],
)
def test_group_option_mistake_is_reported(settings, option, value, expected):
    settings.FEEDSERVER_GROUPS = {"home": {"type": "aggregated", option: value}}
    assert f"feedserver.{expected}" in reported_ids()


def test_valid_settings_report_nothing():
    assert not {name for name in reported_ids() if name.startswith("feedserver.")}

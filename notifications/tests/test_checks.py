import pytest
from django.core.checks import run_checks


def ids():
    return [problem.id for problem in run_checks() if problem.id.startswith("notifications")]


@pytest.mark.parametrize("seconds", [0, -1, "10", None])
def test_seconds_that_are_none_are_reported(settings, seconds):
    settings.NOTIFICATIONS_POLL_SECONDS = seconds
    assert ids() == ["notifications.E001"]


@pytest.mark.parametrize("seconds", [1, 2.5, 60])
def test_any_number_from_1_on_will_do(settings, seconds):
    settings.NOTIFICATIONS_POLL_SECONDS = seconds
    assert ids() == []

import pytest
from django.core.checks import run_checks


def ids():
    return [problem.id for problem in run_checks() if problem.id.startswith("messaging")]


@pytest.mark.parametrize("length", [0, -1, 4001, "140", None])
def test_too_large_limit_is_reported(settings, length):
    settings.MESSAGE_MAX_LENGTH = length
    assert ids() == ["messaging.E001"]


@pytest.mark.parametrize("length", [1, 140, 4000])
def test_any_other_length_will_do(settings, length):
    settings.MESSAGE_MAX_LENGTH = length
    assert ids() == []


@pytest.mark.parametrize("name", ["MESSAGING_MAY_SEND", "MESSAGING_RATES"])
@pytest.mark.parametrize("path", ["", "no.such.module", "messaging.conf.DEFAULTS", None])
def test_a_policy_that_is_no_function_is_reported(settings, name, path):
    setattr(settings, name, path)
    assert ids() == ["messaging.E002"]

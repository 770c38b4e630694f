import pytest
from django.core.checks import run_checks


def found():
    return {message.id for message in run_checks()}


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


def test_inline_delivery_to_hosted_stream_is_warned_of(settings):
    settings.FEEDS_TRANSPORT = None
    settings.FEEDS_DELIVERY = "inline"
    assert "feeds.W001" in found()


def test_a_local_variable_that_redirects_stream_is_warned_of(settings, monkeypatch):
    settings.FEEDS_TRANSPORT = None
    monkeypatch.setenv("LOCAL", "1")
    assert "feeds.W003" in found()

import pytest
from django.core.checks import run_checks


def error_ids():
    return {message.id for message in run_checks() if message.id.startswith("accounts.")}


def test_the_settings_as_they_are_pass():
    assert error_ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("SIGNUP", "maybe", "accounts.E001"),
        ("ADMIN_EMAILS", ["ana@example.org", "Ana <ana@example.org>"], "accounts.E002"),
        ("AVATAR_URL_TEMPLATE", "https://pictures.example/{size}", "accounts.E003"),
        ("AVATAR_URL_TEMPLATE", "https://pictures.example/{hash}?{unknown}", "accounts.E003"),
        ("ROLE_PERMISSIONS", {"Members": ["add_collection"]}, "accounts.E004"),
    ],
)
def test_a_wrong_setting_is_an_error(settings, name, value, error):
    setattr(settings, name, value)
    assert error_ids() == {error}

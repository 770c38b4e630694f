import pytest

from accounts.avatars import avatar_url, initials


def test_avatar_hashes_lower_cased_address(settings):
    settings.AVATAR_URL_TEMPLATE = "https://pictures.example/{hash}?s={size}"
    expected = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"
    assert avatar_url(" Test@Example.com ", 96) == f"https://pictures.example/{expected}?s=96"


@pytest.mark.parametrize(("template", "email"), [("", "a@example.com"), ("https://x/{hash}", "")])
def test_without_template_or_address_there_is_no_avatar(settings, template, email):
    settings.AVATAR_URL_TEMPLATE = template
    assert avatar_url(email) == ""


@pytest.mark.parametrize(
    ("name", "letters"), [("ada lovelace king", "AL"), ("ana", "A"), ("", ""), ("  ", "")]
)
def test_initials_are_the_first_letters_of_two_words(name, letters):
    assert initials(name) == letters

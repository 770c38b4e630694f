import pytest

from previews import conf
from previews.checks import check_trusted_addresses


@pytest.mark.parametrize("addresses", [[], ["127.0.0.1:8000"], ["[::1]:80", "127.0.0.9:1"]])
def test_addresses_of_this_machine_can_be_trusted(settings, addresses):
    settings.PREVIEWS_TRUSTED_ADDRESSES = addresses
    assert check_trusted_addresses(None) == []
    assert len(conf.trusted_addresses()) == len(addresses)


@pytest.mark.parametrize("address", ["10.0.0.1:80", "localhost:80", "127.0.0.1", "127.0.0.1:x", ""])
def test_no_others_can(settings, address):
    settings.PREVIEWS_TRUSTED_ADDRESSES = [address]
    assert [error.id for error in check_trusted_addresses(None)] == ["previews.E001"]

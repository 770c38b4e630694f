import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from previews.addresses import Rules, is_public
from previews.errors import FetchRefused

# IPv6 addresses that contain an IPv4 address.
SHELLS = ("::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::")

BLOCKED_NETWORKS = {
    "this network": ["0.0.0.0", "0.1.2.3"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"],
    "link-local": ["169.254.1.1", "fe80::1", "fe80::1%1", "fec0::1"],
    "metadata": [
        "169.254.169.254",
        "169.254.170.2",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    ],
    "carrier's": ["100.64.0.1", "100.127.255.255"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "192.0.0.1", "192.88.99.1"],
    "IPv4 within IPv6": [
        "::",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2001::7f00:1",
    ],
    "other IPv6": ["100::1", "2001:20::1", "5f00::1", "4000::1", "e000::1"],
}
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.0.1", "172.32.0.1", "2606:4700::1111"]


@pytest.mark.parametrize("text", [text for texts in BLOCKED_NETWORKS.values() for text in texts])
def test_private_addresses_are_not_public(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_global_addresses_are_public(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.slow
@given(st.ip_addresses(v=4), st.sampled_from(SHELLS))
def test_no_ipv4_address_is_reached_through_ipv6(address, shell):
    assert not is_public(ipaddress.IPv6Address(f"{shell}{address}"))


@pytest.mark.slow
@given(st.ip_addresses(v=6).filter(lambda address: int(address) >> 125 != 1))
def test_unallocated_addresses_are_not_public(address):
    assert not is_public(address)


def rules(*answers):
    return Rules(resolve=lambda name, port: list(answers))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org:80/",
        "javascript:alert(1)",
        "//example.org/",
        "https://",
        "http:///path",
        "http://ana@example.org/",
        "http://ana:secret@example.org/",
        "http://@example.org/",
        "http://example.org:22/",
        "http://example.org:6379/",
        "https://example.org:8443/",
        "http://example.org/" + "x" * 2048,
    ],
)
def test_bad_urls_are_refused_before_resolving(url):
    def resolve(name, port):
        raise AssertionError("a name was resolved")

    with pytest.raises(FetchRefused):
        Rules(resolve=resolve).check(url)


@pytest.mark.parametrize("url", ["http://example.org:x/", "http://[::1/", "http://a:99999/"])
def test_malformed_url_raises_value_error(url):
    with pytest.raises(ValueError, match=r"Port|port|IPv6"):
        rules("8.8.8.8").check(url)


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://a.org/", 80),
        ("https://a.org/", 443),
        ("http://a.org:443", 443),
        ("https://a.org:80", 80),
    ],
)
def test_ports_80_and_443_are_allowed(url, port):
    found = rules("8.8.8.8").check(url)
    assert (found.name, found.port, found.address) == ("a.org", port, "8.8.8.8")


def test_first_public_address_is_chosen():
    assert rules("10.0.0.1", "::1", "8.8.8.8", "1.1.1.1").check("http://a.org").address == "8.8.8.8"
    with pytest.raises(FetchRefused):
        rules("10.0.0.1", "::1").check("http://a.org/")
    with pytest.raises(FetchRefused):
        rules().check("http://a.org/")


def test_trusted_address_needs_its_port():
    some = Rules(trusted=frozenset({("127.0.0.1", 8123)}))
    assert some.check("http://127.0.0.1:8123/").address == "127.0.0.1"
    for url in ("http://127.0.0.1/", "http://127.0.0.2:8123/", "http://1.1.1.1:8123/"):
        with pytest.raises(FetchRefused):
            some.check(url)


def test_an_ipv6_address_is_written_in_brackets():
    found = Rules().check("http://[2606:4700::1111]/")
    assert (found.name, found.literal) == ("2606:4700::1111", "[2606:4700::1111]")

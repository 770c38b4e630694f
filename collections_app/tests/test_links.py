import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from collections_app.links import (
    ascii_url,
    canonical_key,
    host_of,
    normalise,
    title_of,
    url_key,
    validate_link,
    with_lower_scheme,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTPS://WWW.Python.ORG", "https://www.python.org/"),
        ("https://python.org:443/a", "https://python.org/a"),
        ("http://python.org:80/a", "http://python.org/a"),
        ("https://python.org:/a", "https://python.org/a"),
        ("https://python.org./a", "https://python.org/a"),
        ("https://python.org/a#b", "https://python.org/a"),
        ("https://python.org/a?", "https://python.org/a"),
        ("https://python.org/%7eana/%c3%a9", "https://python.org/~ana/%C3%A9"),
        ("https://python.org/é", "https://python.org/%C3%A9"),
        ("https://python.org/a/./b/../c", "https://python.org/a/c"),
        ("https://python.org/a/%2e%2E/b", "https://python.org/b"),
        ("https://python.org/../..", "https://python.org/"),
        ("https://python.org/a/..", "https://python.org/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        (" https://python.org/ ", "https://python.org/"),
        ("https://[2001:DB8::1]:443/", "https://[2001:db8::1]/"),
    ],
)
def test_equivalent_urls_have_one_key(one, other):
    assert normalise(one) == normalise(other)
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://python.org/", "https://python.org/"),
        ("https://python.org/", "https://www.python.org/"),
        ("https://python.org/a", "https://python.org/a/"),
        ("https://python.org/a", "https://python.org/A"),
        ("https://python.org:8443/", "https://python.org/"),
        ("https://python.org:0/", "https://python.org/"),
        ("https://python.org/?a=1", "https://python.org/?a=2"),
        ("https://python.org/a%2Fb", "https://python.org/a/b"),
        ("https://python.org//a", "https://python.org/a"),
        ("https://python.org/%2561", "https://python.org/%61"),
    ],
)
def test_different_links_stay_different(one, other):
    assert url_key(one) != url_key(other)


PIECES = st.text(alphabet="aZ~%2e7E/.?#;:&=é \\ü-_+", max_size=30)
HOSTS = st.sampled_from(["A.example", "bücher.example", "1.2.3.4", "[::1]", "x.org:443", "y.org:0"])


@pytest.mark.slow
@given(scheme=st.sampled_from(["http", "HTTPS"]), host=HOSTS, rest=PIECES)
def test_normal_url_is_unchanged(scheme, host, rest):
    normal = normalise(f"{scheme}://{host}/{rest}")
    assert normalise(normal) == normal


@pytest.mark.slow
@given(st.text(max_size=60))
def test_whatever_is_typed_has_a_key(text):
    assert len(url_key(f"http://{text}")) == 64
    assert len(url_key(text)) == 64


@pytest.mark.slow
@given(st.text(alphabet="htps:/[]@.ax1%?# \n\x00é\ud800", max_size=40))
def test_any_text_is_link_or_form_error(text):
    try:
        validate_link(f"https://{text}")
    except ValidationError:
        return
    assert normalise(f"https://{text}")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "scheme"),
        ("python", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("javascript://python.org/%0aalert(1)", "scheme"),
        ("data:text/html,<script>", "scheme"),
        ("ftp://python.org/", "scheme"),
        ("https://ana:secret@python.org/", "credentials"),
        ("https://ana@python.org/", "credentials"),
        ("https://", "invalid"),
        ("https://python", "invalid"),
        ("https://python.org:99999/", "invalid"),
        ("https://python.org:x/", "invalid"),
        ("https://[::1/", "invalid"),
        ("https://[zz]/", "invalid"),
        ("https://a..b.org/", "invalid"),
        ("https://python.org/a b", "invalid"),
        ("https://python.org/\nx", "invalid"),
        (f"https://{'a' * 64}.org/", "invalid"),
        (f"https://{'a.' * 130}org/", "invalid"),
        ("https://1.2.3.456/", "invalid"),
        ("https://example.o_g/", "invalid"),
        ("https://example.-org/", "invalid"),
        ("https://a!b.example/", "invalid"),
        ("https://a／b.example/", "invalid"),
        ("https://\u00ad.example/", "invalid"),
        ("https://exa\nmple.org/", "invalid"),
        ("https://[v1.ab]/", "invalid"),
        ("https://😀/", "invalid"),
    ],
)
def test_invalid_url_is_refused_with_reason(url, code):
    with pytest.raises(ValidationError) as refusal:
        validate_link(url)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "url",
    [
        "https://www.python.org/",
        "HTTP://python.org",
        "https://bücher.example/a?b=é#c",
        "https://under_score.example/",
        "https://_dmarc.example.org/",
        "https://end-.example.org/",
        "https://-start.example.org:8080/a",
        "https://😀.ws/",
        "https://i❤.example/a?b",
        "https://faß.example/",
        "https://日本。jp/",
        "https://пример.рф",
        "https://xn--bcher-kva.example/",
        "https://1.2.3.4/",
        "https://[::1]:8000/a",
        "http://localhost:8000/",
        f"https://t.co/{'a' * 2035}",
    ],
)
def test_a_web_address_is_a_link(url):
    validate_link(url)


def test_host_is_ascii_without_www():
    assert host_of("https://www.Python.org:8080/a") == "python.org"
    assert host_of("https://bücher.example/") == "xn--bcher-kva.example"
    assert host_of("https://[::1") == ""
    assert host_of("https://faß.example/") == "xn--fa-hia.example"
    assert host_of("https://WWW.😀.ws./") == "xn--e28h.ws"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://spa.example/#/inbox", "https://spa.example/#/settings"),
        ("https://spa.example/#!/b", "https://spa.example/"),
        ("https://faß.example/", "https://fass.example/"),
        ("https://a.example/?a=1", "https://a.example/?a=2"),
    ],
)
def test_canonical_keys_differ(one, other):
    assert canonical_key(one) != canonical_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://spa.example/a#one", "https://spa.example/a#two"),
        ("https://spa.example/#/é", "https://spa.example/#/%c3%a9"),
        ("https://faß.example/", "https://xn--fa-hia.example"),
        ("https://😀.ws/#a", "HTTPS://xn--e28h.ws:443/"),
        ("https://BÜCHER.example./a/../b", "https://bücher.example/b"),
    ],
)
def test_canonical_keys_of_one_page(one, other):
    assert canonical_key(one) == canonical_key(other)


def test_stored_keys_stay_the_same():
    assert url_key("https://faß.example/") == url_key("https://fass.example/")
    assert url_key("https://spa.example/#/inbox") == url_key("https://spa.example/")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("HTTP://UPPER.example/Path", "http://UPPER.example/Path"),
        ("https://bücher.example/x?é#é", "https://xn--bcher-kva.example/x?é#é"),
        ("https://faß.example:8080", "https://xn--fa-hia.example:8080"),
        ("https://[::1", "https://[::1"),
    ],
)
def test_url_for_machines_has_ascii_host(url, shown):
    assert ascii_url(url) == shown
    assert with_lower_scheme(url).startswith(("http:", "https:"))


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://www.example.org/", "example.org"),
        ("https://example.org/a/b%20c/?d#e", "example.org/a/b c"),
        ("https://example.org/%C3%A9", "example.org/é"),
        ("https://example.org/%E9%00", "example.org/%E9%00"),
        ("https://example.org/%E2%80%AEa", "example.org/%E2%80%AEa"),
        ("https://example.org/" + "a" * 50, "example.org/" + "a" * 27 + "…"),
        ("https://[::1", ""),
    ],
)
def test_title_is_host_and_path(url, title):
    assert title_of(url, 40) == title

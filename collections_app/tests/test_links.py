import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from collections_app.links import host_of, normalise, url_key, validate_link


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
    ],
)
def test_invalid_url_is_refused_with_reason(url, code):
    with pytest.raises(ValidationError) as refusal:
        validate_link(url)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "url", ["https://www.python.org/", "HTTP://python.org", "https://bücher.example/a?b=é#c"]
)
def test_a_web_address_is_a_link(url):
    validate_link(url)


def test_host_is_ascii_without_www():
    assert host_of("https://www.Python.org:8080/a") == "python.org"
    assert host_of("https://bücher.example/") == "xn--bcher-kva.example"
    assert host_of("https://[::1") == ""

import gzip
import ssl
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from previews.addresses import Rules
from previews.errors import FetchError
from previews.fetching import MAX_CONCURRENT, Fetcher, OpenSocket, make_decompressor, read_response
from previews.pages import describe_page
from previews.services import PAGE
from previews.tests import corpus
from previews.tests.conftest import cases
from previews.tests.servers import page, serving

# Seconds; the slack is for a busy machine.
TIMEOUT, SLACK = 1, 1


def fetch(network, url, **options):
    """Return the metadata or None; fail if that takes too long or reaches a server inside."""
    started = time.monotonic()
    try:
        return describe_page(network.make_fetcher().fetch(url, PAGE, seconds=TIMEOUT, **options))
    except FetchError:
        return None
    finally:
        assert time.monotonic() - started < TIMEOUT + SLACK
        assert network.reached == []


def test_the_corpus_is_large():
    assert corpus.number_of_cases() >= 60


def test_a_page_is_fetched(network):
    answer = network.make_fetcher(user_agent="link preview (+https://a.test/é)").fetch(
        network.url("plain"), PAGE
    )
    assert (answer.url, answer.body) == (network.url("plain"), b"<title>Plain</title>")
    head = network.outside.requests[-1].lower()
    assert f"\r\nhost: outside.test:{network.port}\r\n" in head
    assert "\r\nuser-agent: link preview (+https://a.test/)\r\n" in head
    assert "\r\naccept: text/html,application/xhtml+xml\r\n" in head
    assert "\r\ncookie:" not in head
    assert "\r\nauthorization:" not in head


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0", "2130706433", "localhost"])
def test_inside_server_would_answer(host, network):
    """Check that the servers inside work, which the tests below must not reach."""
    with urlopen(f"http://{host}:{network.port}/secret") as answer:
        assert b"secret" in answer.read()
    for site in network.inside:
        site.requests.clear()


@pytest.mark.parametrize("url", cases(corpus.ADDRESSES))
def test_no_address_leads_inside(url, network):
    assert not fetch(network, url.replace("{port}", str(network.port)))


@pytest.mark.parametrize("name", cases(corpus.REDIRECTS))
def test_redirects_inside_or_endless_are_refused(name, network):
    assert not fetch(network, network.url(name))


def test_three_redirects_are_followed(network):
    assert fetch(network, network.url("1"))["title"] == "Reached after three"
    assert fetch(network, network.url("at the fourth")) is None


def test_name_is_resolved_once_per_request(network):
    """Refuse the second request, for which the name resolves to an inside address."""
    assert fetch(network, network.url("plain", "rebinding.test"))["title"] == "Plain"
    assert network.looked_up == ["rebinding.test"]
    network.outside.requests.clear()
    assert fetch(network, network.url("of a name that moved", "rebinding.test")) is None
    assert network.looked_up == ["rebinding.test"] * 2
    assert len(network.outside.requests) == 1


@pytest.mark.parametrize("name", cases(corpus.ANSWERS))
def test_any_response_ends_in_time(name, network):
    found = fetch(network, network.url(name))
    assert not found or len(found["title"]) <= 1000


@pytest.mark.slow
def test_slow_response_ends_after_default_timeout(network):
    started = time.monotonic()
    with pytest.raises(FetchError, match="too long"):
        network.make_fetcher().fetch(network.url("headers that trickle"), PAGE)
    assert 4.5 < time.monotonic() - started < 6


def test_slow_name_server_times_out(network):
    def resolve(name, port):
        time.sleep(3)
        return []

    network.resolve, resolve_again = resolve, network.resolve
    assert fetch(network, "http://slow.test/") is None
    network.resolve = resolve_again


def test_abandoned_fetch_frees_its_thread(network):
    # Each byte arrives in time, and there are fewer threads than this.
    for _ in range(2 * MAX_CONCURRENT + 1):
        with pytest.raises(FetchError):
            network.make_fetcher().fetch(network.url("headers that trickle"), PAGE, seconds=0.3)
    assert fetch(network, network.url("plain"))["title"] == "Plain"


def test_reading_and_unpacking_stop_at_limit(network):
    for name in ("a bomb", "chunks that never end"):
        body = network.make_fetcher().fetch(network.url(name), PAGE).body
        assert len(body) == PAGE.limit


def test_reading_ends_where_a_page_begins():
    head = "<title>Head</title></HEAD>"
    with serving({"/": [page(head + "x" * 400_000)]}) as site:
        rules = Rules(trusted=frozenset({site.server_address}))
        body = Fetcher(rules).fetch(f"http://127.0.0.1:{site.server_address[1]}/", PAGE).body
    assert body.startswith(head.encode())
    assert len(body) < 100_000


@given(st.lists(st.integers(0, 300), max_size=6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_any_split_gives_same_body(cuts, is_packed):
    head = b"<script>'</head>'</script><!-- </head> --><title>Real</title></head>"
    data = head + b"<title>Body</title>" * 10
    data = gzip.compress(data) if is_packed else data
    places = sorted({0, *(min(cut, len(data)) for cut in cuts), len(data)})
    chunks = [data[start:end] for start, end in pairwise(places)]
    encoding = {"Content-Encoding": "gzip"} if is_packed else {}
    response = SimpleNamespace(
        status_code=200,
        url="http://a.test/",
        headers={"Content-Type": "text/html", **encoding},
        raw=SimpleNamespace(read1=lambda size, decode_content: chunks.pop(0) if chunks else b""),
    )
    assert read_response(response, PAGE, OpenSocket()).body == head


@pytest.mark.parametrize(
    "encoding", ["UTF-8", "none", "", "identity", "utf-8, identity", "x" * 5000, " , "]
)
def test_encoding_without_compression_is_ignored(encoding):
    unpack = make_decompressor(encoding)
    assert unpack(b"plain", 100) == b"plain"
    assert unpack(b"plain", 3) == b"pla"


@pytest.mark.parametrize("encoding", ["gzip", "X-GZIP", "utf-8, gzip", "gzip, identity"])
def test_compression_among_other_names_is_unpacked(encoding):
    assert make_decompressor(encoding)(gzip.compress(b"plain"), 100) == b"plain"


@pytest.mark.parametrize(
    "encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "utf-8, br"]
)
def test_other_compressions_are_refused(encoding):
    with pytest.raises(FetchError):
        make_decompressor(encoding)


def test_cookies_and_passwords_are_never_sent(network, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine outside.test login ana password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{network.port}/")
    network.outside.answers["/baker"] = [
        page(status="302 Found", Location="/plain", Set_Cookie="a=b; Path=/")
    ]
    network.outside.requests.clear()
    assert fetch(network, network.url("baker"))["title"] == "Plain"
    assert len(network.outside.requests) == 2
    assert not any("a=b" in head or "Authorization" in head for head in network.outside.requests)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return a file with a key and a certificate for the name outside.test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "outside.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("outside.test")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *plain))
    return str(path)


@pytest.fixture
def secure(certificate, network):
    """Return a function that fetches from a site with that certificate, by the name given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    wrap = partial(context.wrap_socket, server_side=True)
    with serving({"/": [page("<title>Secure</title>")]}, wrap=wrap) as site:
        rules = Rules(frozenset({site.server_address}), lambda name, port: ["127.0.0.1"])
        port = site.server_address[1]
        yield lambda name, verify: Fetcher(rules, verify=verify).fetch(
            f"https://{name}:{port}/", PAGE, seconds=TIMEOUT
        )


def test_certificate_must_be_trusted_and_match(secure, certificate):
    assert secure("outside.test", certificate).body == b"<title>Secure</title>"
    for name, verify in (("other.test", certificate), ("outside.test", True), ("127.0.0.1", True)):
        with pytest.raises(FetchError, match="SSLError"):
            secure(name, verify)


def test_missing_handshake_times_out(network):
    with serving({}) as site:
        rules = Rules(frozenset({site.server_address}))
        started = time.monotonic()
        with pytest.raises(FetchError):
            Fetcher(rules).fetch(f"https://127.0.0.1:{site.server_address[1]}/", PAGE, seconds=0.5)
        assert time.monotonic() - started < 1

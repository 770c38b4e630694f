import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from previews import services
from previews.addresses import Rules
from previews.errors import FetchError, FetchUnavailable
from previews.fetching import MAX_CONCURRENT, Fetcher
from previews.models import Picture
from previews.tests import corpus
from previews.tests.factories import make_picture
from previews.tests.servers import page, serving

pytestmark = pytest.mark.django_db
# Fetching is refused in a transaction, and ordinary tests run in one.
fetches = pytest.mark.django_db(transaction=True)

PNG = corpus.image_file((800, 600))
ANSWERS = {
    "/page": [page('<title>Title</title><meta property="og:image" content="/picture">')],
    "/silent": [page("<p>Nothing</p>")],
    "/picture": [page(PNG, content_type="image/png")],
    "/same": [page(PNG, content_type="text/plain")],
    "/large": [page(PNG + bytes(5_000_000), content_type="image/png")],
    "/drawing": [page(corpus.SCRIPTED, content_type="image/svg+xml")],
}


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def site(settings):
    with serving(ANSWERS) as running:
        port = running.server_address[1]
        settings.PREVIEWS_TRUSTED_ADDRESSES = [f"127.0.0.1:{port}"]
        settings.PREVIEWS_USER_AGENT = "previews of tests"
        running.url = lambda path: f"http://127.0.0.1:{port}/{path}"
        yield running


@fetches
def test_describe_returns_stream_fields(site):
    assert services.describe(site.url("page#part")) == {
        "url": site.url("page"),
        "title": "Title",
        "images": [{"image": site.url("picture")}],
    }
    assert "User-Agent: previews of tests" in site.requests[0]


@fetches
def test_results_and_failures_are_cached(site):
    for number, path in enumerate(["page", "silent", "missing"], start=1):
        first = services.describe(site.url(path))
        assert services.describe(site.url(path)) == first
        assert bool(first) == (path == "page")
        assert len(site.requests) == number


@fetches
def test_fetch_limit_refuses_at_once(site):
    site.answers["/slow"] = lambda: iter([time.sleep(2) or b""])
    busy = [threading.Thread(target=fetch_slowly, args=[site]) for _ in range(MAX_CONCURRENT)]
    for thread in busy:
        thread.start()
    while len(site.requests) < MAX_CONCURRENT:
        time.sleep(0.01)
    started = time.monotonic()
    with pytest.raises(FetchUnavailable):
        services.describe(site.url("page"))
    assert time.monotonic() - started < 0.5
    for thread in busy:
        thread.join()
    assert described_soon(site.url("page"))


def described_soon(url):
    """Return the result as soon as a slot is free, which is a little after the timeout."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with suppress(FetchUnavailable):
            return services.describe(url)
        time.sleep(0.05)
    raise AssertionError("There was no turn.")


@fetches
def test_unavailable_name_server_is_not_cached(site, monkeypatch):
    with monkeypatch.context() as without_network:
        without_network.setattr(socket, "getaddrinfo", no_name_server)
        for fetch in (services.describe, services.fetch_picture):
            with pytest.raises(FetchUnavailable):
                fetch(site.url("page"))
    assert services.describe(site.url("page"))


def no_name_server(*args, **kwargs):
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@fetches
def test_slow_lookups_refuse_further_fetches(site):
    ended = threading.Event()

    def resolve(name, port):
        ended.wait(10)
        return []

    slow = Fetcher(Rules(resolve=resolve))
    for _turn in range(MAX_CONCURRENT):
        with pytest.raises(FetchError, match="too long"):
            slow.fetch("http://slow.test/", services.PAGE, seconds=0.1)
    with pytest.raises(FetchUnavailable):
        slow.fetch("http://slow.test/", services.PAGE, seconds=0.1)
    with pytest.raises(FetchUnavailable):
        services.describe(site.url("page"))
    ended.set()
    assert described_soon(site.url("page"))
    assert len(site.requests) == 1


def fetch_slowly(site):
    with pytest.raises(FetchError):
        services.make_fetcher().fetch(site.url("slow"), services.PAGE, seconds=1.5)


def test_failures_are_cached_for_less_time():
    assert services.FAILURE_CACHED_FOR < services.CACHED_FOR < services.KEEP_UNUSED.total_seconds()


@fetches
def test_refused_address_is_not_described():
    for url in ("http://127.0.0.1/", "javascript:alert(1)", "", "\ud800", "x" * 9000):
        assert services.describe(url) is None
        assert services.fetch_picture(url) == ""


@fetches
def test_picture_is_stored_as_thumbnail(site):
    key = services.fetch_picture(site.url("picture"))
    picture = Picture.objects.get()
    assert (picture.pk, picture.width, picture.height) == (key, 480, 360)
    assert picture.source == site.url("picture")
    assert bytes(picture.content)[8:12] == b"WEBP"
    assert services.fetch_picture(site.url("picture")) == key
    assert len(site.requests) == 1
    # The same picture at another address is the same picture.
    assert services.fetch_picture(site.url("same")) == key
    assert Picture.objects.count() == 1


@fetches
def test_invalid_or_large_picture_is_none(site):
    for number, path in enumerate(["large", "drawing", "missing", "page"], start=1):
        assert services.fetch_picture(site.url(path)) == ""
        assert services.fetch_picture(site.url(path)) == ""
        assert len(site.requests) == number
    assert not Picture.objects.exists()


@fetches
def test_nothing_is_fetched_inside_a_transaction(site):
    for fetch in (services.describe, services.fetch_picture):
        with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
            fetch(site.url("page"))
    assert site.requests == []
    assert not connection.in_atomic_block


@fetches
def test_deleted_picture_is_not_fetched_while_cached(site):
    services.fetch_picture(site.url("picture"))
    Picture.objects.all().delete()
    assert services.fetch_picture(site.url("picture")) == ""
    cache.clear()
    assert services.fetch_picture(site.url("picture"))


def test_only_existing_picture_can_be_kept():
    picture = make_picture()
    old = timezone.now() - timedelta(days=9)
    Picture.objects.update(used_at=old)
    assert services.keep_picture(picture.pk) == picture.pk
    assert Picture.objects.get().used_at > old
    for key in ("", "0" * 64, "nonsense", None):
        assert services.keep_picture(key) is None


def test_unused_pictures_are_pruned():
    old, new = make_picture("red"), make_picture("blue")
    Picture.objects.filter(pk=old.pk).update(used_at=timezone.now() - services.KEEP_UNUSED)
    assert services.prune_pictures() == 1
    assert Picture.objects.get() == new
    assert services.prune_pictures() == 0


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time")
@fetches
def test_picture_being_kept_is_not_pruned():
    picture = make_picture()
    Picture.objects.update(used_at=timezone.now() - services.KEEP_UNUSED)
    pruned = []

    def prune():
        pruned.append(services.prune_pictures())
        connection.close()

    with transaction.atomic():
        assert services.keep_picture(picture.pk)
        thread = threading.Thread(target=prune)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()  # it waits for this transaction
    thread.join()
    assert pruned == [0]
    assert Picture.objects.exists()

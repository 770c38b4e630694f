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
from previews.errors import NotFetched, NotNow
from previews.fetching import AT_ONCE, Fetcher
from previews.models import Picture
from previews.tests import corpus
from previews.tests.factories import make_picture
from previews.tests.servers import page, serving

pytestmark = pytest.mark.django_db
# Fetching is refused inside a transaction, and so inside that of a usual test.
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
def test_a_page_is_described_in_the_fields_of_stream(site):
    assert services.describe(site.url("page#part")) == {
        "url": site.url("page"),
        "title": "Title",
        "images": [{"image": site.url("picture")}],
    }
    assert "User-Agent: previews of tests" in site.asked[0]


@fetches
def test_what_was_found_and_what_was_not_is_remembered(site):
    for number, path in enumerate(["page", "silent", "missing"], start=1):
        first = services.describe(site.url(path))
        assert services.describe(site.url(path)) == first
        assert bool(first) == (path == "page")
        assert len(site.asked) == number


@fetches
def test_while_much_is_being_fetched_the_next_is_told_so_at_once_and_may_come_again(site):
    site.answers["/slow"] = lambda: iter([time.sleep(2) or b""])
    busy = [threading.Thread(target=fetch_slowly, args=[site]) for _ in range(AT_ONCE)]
    for thread in busy:
        thread.start()
    while len(site.asked) < AT_ONCE:
        time.sleep(0.01)
    started = time.monotonic()
    with pytest.raises(NotNow):
        services.describe(site.url("page"))
    assert time.monotonic() - started < 0.5
    for thread in busy:
        thread.join()
    assert described_soon(site.url("page"))


def described_soon(url):
    """Return what is found as soon as there is a turn: one ends a little later than the wait."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with suppress(NotNow):
            return services.describe(url)
        time.sleep(0.05)
    raise AssertionError("There was no turn.")


@fetches
def test_while_no_name_server_answers_nothing_is_remembered(site, monkeypatch):
    with monkeypatch.context() as without_network:
        without_network.setattr(socket, "getaddrinfo", no_name_server)
        for fetch in (services.describe, services.picture_at):
            with pytest.raises(NotNow):
                fetch(site.url("page"))
    assert services.describe(site.url("page"))


def no_name_server(*args, **kwargs):
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@fetches
def test_while_names_are_looked_up_slowly_nobody_else_is_blamed_for_it(site):
    ended = threading.Event()

    def resolve(name, port):
        ended.wait(10)
        return []

    slow = Fetcher(Rules(resolve=resolve))
    for _turn in range(AT_ONCE):
        with pytest.raises(NotFetched, match="too long"):
            slow.fetch("http://slow.test/", services.PAGE, seconds=0.1)
    with pytest.raises(NotNow):
        slow.fetch("http://slow.test/", services.PAGE, seconds=0.1)
    with pytest.raises(NotNow):
        services.describe(site.url("page"))
    ended.set()
    assert described_soon(site.url("page"))
    assert len(site.asked) == 1


def fetch_slowly(site):
    with pytest.raises(NotFetched):
        services.fetcher().fetch(site.url("slow"), services.PAGE, seconds=1.5)


def test_failures_are_remembered_for_less_long():
    assert services.FAILED_SECONDS < services.FOUND_SECONDS < services.UNUSED.total_seconds()


@fetches
def test_what_may_not_be_fetched_is_not_described():
    for url in ("http://127.0.0.1/", "javascript:alert(1)", "", "\ud800", "x" * 9000):
        assert services.describe(url) is None
        assert services.picture_at(url) == ""


@fetches
def test_a_picture_is_kept_as_a_small_one_of_ones_own(site):
    key = services.picture_at(site.url("picture"))
    picture = Picture.objects.get()
    assert (picture.pk, picture.width, picture.height) == (key, 480, 360)
    assert picture.source == site.url("picture")
    assert bytes(picture.content)[8:12] == b"WEBP"
    assert services.picture_at(site.url("picture")) == key
    assert len(site.asked) == 1
    # The same picture at another address is the same picture.
    assert services.picture_at(site.url("same")) == key
    assert Picture.objects.count() == 1


@fetches
def test_what_is_no_picture_or_too_large_a_one_is_none(site):
    for number, path in enumerate(["large", "drawing", "missing", "page"], start=1):
        assert services.picture_at(site.url(path)) == ""
        assert services.picture_at(site.url(path)) == ""
        assert len(site.asked) == number
    assert not Picture.objects.exists()


@fetches
def test_nothing_is_fetched_inside_a_transaction(site):
    for fetch in (services.describe, services.picture_at):
        with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
            fetch(site.url("page"))
    assert site.asked == []
    assert not connection.in_atomic_block


@fetches
def test_a_picture_that_was_deleted_is_fetched_no_more_until_it_is_forgotten(site):
    services.picture_at(site.url("picture"))
    Picture.objects.all().delete()
    assert services.picture_at(site.url("picture")) == ""
    cache.clear()
    assert services.picture_at(site.url("picture"))


def test_only_a_picture_that_is_there_can_be_kept():
    picture = make_picture()
    old = timezone.now() - timedelta(days=9)
    Picture.objects.update(used_at=old)
    assert services.keep_picture(picture.pk) == picture.pk
    assert Picture.objects.get().used_at > old
    for key in ("", "0" * 64, "nonsense", None):
        assert services.keep_picture(key) is None


def test_pictures_that_nothing_points_at_go_after_some_days():
    old, new = make_picture("red"), make_picture("blue")
    Picture.objects.filter(pk=old.pk).update(used_at=timezone.now() - services.UNUSED)
    assert services.prune_pictures() == 1
    assert Picture.objects.get() == new
    assert services.prune_pictures() == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time")
@fetches
def test_a_picture_that_is_just_being_kept_is_not_pruned():
    picture = make_picture()
    Picture.objects.update(used_at=timezone.now() - services.UNUSED)
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

import socket
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from collections_app import backfill, services
from collections_app.models import Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from collections_app.tests.foreign import foreign_site
from feeds.models import OutboxEntry
from previews.tests.factories import make_picture

fetches = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(settings):
    with foreign_site(settings) as running:
        yield running


def run(*arguments, delay=0):
    output = StringIO()
    call_command("refresh_previews", *arguments, delay=delay, stdout=output)
    return output.getvalue().strip()


@fetches
def test_old_links_get_pictures(site):
    collection = CollectionFactory()
    first = ContentFactory(collection=collection, url=site.url("page"), description="My words.")
    second = ContentFactory(collection=collection, url=site.url("nothing"))
    hidden = ContentFactory(url=site.url("page"), hidden_at=timezone.now())
    OutboxEntry.objects.all().delete()
    assert run("--dry-run").startswith("A picture would be looked for on 2 pages.")
    assert site.requests == []
    assert run() == "1 of 2 links got a picture."
    for link in (first, second, hidden):
        link.refresh_from_db()
    assert first.image
    assert (first.title.startswith("Page"), first.description) == (True, "My words.")
    assert (second.picture, bool(second.previewed_at), hidden.picture) == (None, True, None)
    assert [(row.operation, row.subject) for row in OutboxEntry.objects.all()] == [
        ("update", f"collections_app.Content:{first.pk}")
    ]
    # A page is tried again only with `--again`.
    assert run().startswith("Nothing to do")
    assert run("--again") == "0 of 1 links got a picture."


@fetches
def test_unavailable_fetches_are_tried_later(site, monkeypatch):
    first = ContentFactory(url=site.url("page"))
    second = ContentFactory(url=site.url("nothing"))
    with monkeypatch.context() as without_network:
        without_network.setattr(socket, "getaddrinfo", no_name_server)
        assert run().splitlines() == [
            "0 of 2 links got a picture.",
            "2 could not be looked at: run this again when the network is well.",
        ]
    for link in (first, second):
        link.refresh_from_db()
        assert link.previewed_at is None
    assert run() == "1 of 2 links got a picture."


def no_name_server(*args, **kwargs):
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@fetches
def test_refresh_resumes_after_interruption(site):
    for number in range(5):
        ContentFactory(url=f"{site.url('page')}?{number}")
    rows = backfill.fetch_pictures(backfill.links_without_pictures(), delay=0)
    assert [next(rows) for _ in range(3)] == [True] * 3
    rows.close()
    assert run() == "2 of 2 links got a picture."


@fetches
def test_requests_to_one_host_are_delayed(site):
    for number in range(3):
        ContentFactory(url=f"{site.url('nothing')}?{number}")
    started = time.monotonic()
    run(delay=0.3)
    assert 0.6 <= time.monotonic() - started < 3


def test_links_of_one_host_are_spread():
    links = [Content(pk=number, host=host) for number, host in enumerate("aaabbc")]
    assert "".join(link.host for link in backfill.HostDelays(1).spread(links)) == "abcaba"


@pytest.mark.django_db
def test_authors_picture_choice_is_kept():
    link, picture = ContentFactory(), make_picture()
    chosen = make_picture("blue")
    Content.objects.update(picture=chosen)
    assert not services.set_picture(link=link, picture=picture.pk)
    assert Content.objects.get().picture == chosen
    Content.objects.update(picture=None)
    link.url_key = "that of another page"
    assert not services.set_picture(link=link, picture=picture.pk)
    Content.objects.all().delete()
    assert not services.set_picture(link=link, picture=picture.pk)


@pytest.mark.django_db
def test_it_says_why_it_does_nothing():
    with pytest.raises(CommandError, match="LINK_PREVIEWS is off"):
        run()


@fetches
def test_interruption_ends_with_a_sentence(site, monkeypatch, capsys):
    def interrupt(url):
        raise KeyboardInterrupt

    ContentFactory(url=site.url("page"))
    monkeypatch.setattr(backfill, "preview", interrupt)
    with pytest.raises(SystemExit):
        call_command("refresh_previews", delay=0)
    assert capsys.readouterr().out == "\nStopped. Start again to go on.\n"

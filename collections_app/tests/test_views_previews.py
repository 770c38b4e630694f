"""Filling in the form from the page of a link, with a script and without.

Fetching is refused in a transaction, so tests that fetch run outside one, on a database that is
emptied after each.
"""

import json
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from collections_app import link_previews
from collections_app.forms import AddLinkForm
from collections_app.links import title_of
from collections_app.models import Content
from collections_app.signals import prune
from collections_app.tests.factories import CollectionFactory
from collections_app.tests.foreign import foreign_site
from feeds.models import OutboxEntry
from previews.models import Picture
from previews.tests import corpus
from previews.tests.factories import make_picture
from previews.tests.servers import page as page_answer

pytestmark = pytest.mark.django_db
fetches = pytest.mark.django_db(transaction=True)

ADD, PREVIEW = reverse("collections:add_link"), reverse("collections:preview_link")


@pytest.fixture
def site(settings):
    with foreign_site(settings) as running:
        yield running


@pytest.fixture
def member(transactional_db):
    """Return a person who may add links, with a collection."""
    call_command("deploy", verbosity=0)
    return CollectionFactory().author


def typed(person, **texts):
    return {"collection": person.collections.get().pk, "title": "", "description": "", **texts}


# By a script


@fetches
def test_preview_returns_page_texts(signed_in, member, site):
    answer = signed_in(member).post(PREVIEW, {"url": site.url("page")})
    picture = Picture.objects.get()
    assert answer.json() == {
        "title": "Open title",
        "description": "Open words.",
        "picture": picture.pk,
        "image": f"/pictures/{picture.pk}.webp",
    }
    assert [head.split(" ")[1] for head in site.requests] == ["/page", "/picture.png"]
    assert not OutboxEntry.objects.filter(subject__contains="Content").exists()
    member.refresh_from_db()
    assert member.last_seen is None


@fetches
def test_preview_texts_fit_fields(signed_in, member, site):
    found = signed_in(member).post(PREVIEW, {"url": site.url("long")}).json()
    assert len(found["title"]) <= 128
    assert found["title"].endswith("lo…")
    assert len(found["description"]) == 256
    found = signed_in(member).post(PREVIEW, {"url": site.url("date")}).json()
    assert found["title"] == "1999-12-31"


@fetches
def test_unreadable_page_leaves_form_empty(signed_in, member, site):
    nothing = {"title": "", "description": "", "picture": "", "image": ""}
    for url in (
        site.url("nothing"),
        site.url("missing"),
        "http://127.0.0.1:1/",
        "http://10.0.0.1/",
    ):
        answer = signed_in(member).post(PREVIEW, {"url": url})
        assert (answer.status_code, answer.json()) == (200, nothing)


@fetches
def test_stream_outage_leaves_form_empty(signed_in, member, site, broken_stream):
    answer = signed_in(member).post(PREVIEW, {"url": site.url("page")})
    assert (answer.status_code, answer.json()["title"]) == (200, "")


@fetches
def test_hosted_stream_picture_is_fetched_by_site(signed_in, member, site, faulty_stream):
    images = [{"image": site.url("picture.png")}]
    for answer, title, has_picture in (
        ({"title": "Of Stream", "images": images}, "Of Stream", True),
        ({"title": "Without", "images": []}, "Without", False),
        ({"title": ["strange"], "images": ["strange"], "description": None}, "['strange']", False),
        ({"images": {"image": 7}}, "", False),
    ):
        faulty_stream(200, json.dumps({**answer, "duration": "1ms"}).encode())
        found = signed_in(member).post(PREVIEW, {"url": "https://a.org/"}).json()
        assert (found["title"], bool(found["picture"])) == (title, has_picture)
    assert [head.split(" ")[1] for head in site.requests] == ["/picture.png"]


GOOD = "<meta property='og:image' content='/picture.png'>"
BAD = "<meta property='og:image' content='/missing.png'>"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (BAD, GOOD),
        (BAD, "<meta name='twitter:image' content='/picture.png'>"),
        (BAD, "<meta name='twitter:image:src' content='/picture.png'>"),
        (BAD, "<link rel='image_src' href='/picture.png'>"),
        ("<meta property='og:image' content='/drawing'>", GOOD),
        ("<meta property='og:image' content='data:image/png;base64,AAAA'>", GOOD),
        (BAD + "<meta property='og:image' content='/page'>", GOOD),
        pytest.param(BAD.replace("missing", "silent"), GOOD, marks=pytest.mark.slow),
    ],
)
@fetches
def test_next_picture_replaces_bad_one(signed_in, member, site, first, second):
    site.answers["/pictures"] = [page_answer(first + second)]
    site.answers["/drawing"] = [page_answer(corpus.SCRIPTED, content_type="image/svg+xml")]
    site.answers["/silent.png"] = corpus.silent
    found = signed_in(member).post(PREVIEW, {"url": site.url("pictures")}).json()
    assert found["picture"] == Picture.objects.get().pk


@fetches
def test_pictures_are_tried_within_time(site):
    site.answers["/silent.png"] = corpus.silent
    urls = [f"{site.url('silent.png')}?{number}" for number in range(20)]
    started = time.monotonic()
    images = [{"image": url} for url in urls]
    assert not link_previews.first_picture({"images": images}, seconds=1)
    assert time.monotonic() - started < 2
    assert len(site.requests) <= link_previews.MAX_PICTURES


@pytest.mark.slow
@fetches
def test_corpus_page_never_breaks_form(signed_in, member, site, settings):
    settings.PREVIEWS_PER_HOUR = 10_000
    collection = member.collections.get()
    for number, name in enumerate(corpus.PAGES):
        answer = signed_in(member).post(PREVIEW, {"url": site.url(number)})
        assert answer.status_code == 200, name
        found = answer.json()
        data = {"collection": collection.pk, "url": site.url(number), **found}
        form = AddLinkForm({**data, "title": found["title"] or "x"}, by=member)
        assert not form.errors, (name, form.errors)


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://ana:b@a.org/", "x" * 3000])
def test_invalid_url_is_422(signed_in, ana, url):
    answer = signed_in(ana).post(PREVIEW, {"url": url})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["url"]


def test_preview_limit_per_hour(signed_in, ana, ben, settings):
    settings.PREVIEWS_PER_HOUR = 0
    answer = signed_in(ana).post(PREVIEW, {"url": "https://a.org/"})
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 3600
    settings.LINK_PREVIEWS = True
    collection = CollectionFactory(author=ben)
    data = {"collection": collection.pk, "url": "https://a.org/", "title": ""}
    assert signed_in(ben).post(ADD, data).status_code == 302
    assert Content.objects.get().title == "a.org"


# Without a script


@fetches
def test_empty_title_is_filled_in(signed_in, member, site):
    data = typed(member, url=site.url("page"))
    page = signed_in(member).post(ADD, data)
    form, picture = page.context["form"], Picture.objects.get()
    assert page.status_code == 200
    assert "Filled in from the page." in page.text
    assert 'value="Open title"' in page.text
    assert "Open words.</textarea>" in page.text
    assert f'src="/pictures/{picture.pk}.webp"' in page.text
    assert not Content.objects.exists()
    sent = {name: form[name].value() or "" for name in form.fields if name != "without_picture"}
    assert signed_in(member).post(ADD, sent).status_code == 302
    link = Content.objects.get()
    assert (link.title, link.description, link.picture) == ("Open title", "Open words.", picture)


@fetches
def test_typed_texts_are_kept(signed_in, member, site):
    data = typed(member, url=site.url("page"), description="My own words.")
    page = signed_in(member).post(ADD, data)
    assert "My own words.</textarea>" in page.text
    assert 'value="Open title"' in page.text


@fetches
def test_page_without_title_is_named_after_url(signed_in, member, site):
    for path in ("nothing", "missing"):
        url = site.url(path)
        page = signed_in(member).post(ADD, typed(member, url=url, title="  "))
        assert page.status_code == 302
        assert Content.objects.get().title == title_of(url, 128)
        assert Content.objects.get().title.endswith(f"/{path}")
        Content.objects.all().delete()
    page = signed_in(member).post(ADD, typed(member, url=site.url("nothing"), title="My own"))
    assert page.status_code == 302


def test_browser_does_not_require_title(signed_in, ana, collection, settings):
    assert "required" in str(signed_in(ana).get(ADD).context["form"]["title"])
    settings.LINK_PREVIEWS = True
    title = str(signed_in(ana).get(ADD).context["form"]["title"])
    assert "required" not in title
    assert 'maxlength="128"' in title


def test_without_previews_nothing_is_fetched(signed_in, ana, collection):
    data = {"collection": collection.pk, "url": "https://a.org/", "title": ""}
    page = signed_in(ana).post(ADD, data)
    assert page.status_code == 422
    assert "preview.js" not in page.text
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        signed_in(ana).post(PREVIEW, {"url": "https://a.org/"})


# Pictures of links


def add(person, **more):
    data = {"url": "https://a.org/", "title": "A", "collection": person.collections.get().pk}
    form = AddLinkForm({**data, **more}, by=person)
    assert form.is_valid(), form.errors
    return form.save()


def test_offered_picture_is_saved(signed_in, ana, collection):
    picture = make_picture()
    link = add(ana, picture=picture.pk)
    assert (link.picture, link.image) == (picture, picture.get_absolute_url())
    assert link.previewed_at
    assert f'src="{link.image}"' in signed_in(ana).get(collection.get_absolute_url()).text
    assert link.create_activity()["image"] == link.image


def test_picture_can_be_left_out(ana, collection):
    link = add(ana, picture=make_picture().pk, without_picture="on")
    assert (link.picture, link.image) == (None, "")
    assert link.previewed_at


@pytest.mark.parametrize("key", ["", "0" * 64, "nonsense", "https://evil.test/x.png", "x" * 9000])
def test_only_pictures_of_this_site_are_shown(signed_in, ana, collection, key):
    link = add(ana, picture=key)
    assert link.image == ""
    data = {"collection": collection.pk, "url": "no link", "title": "A", "picture": key}
    page = signed_in(ana).post(ADD, data)
    assert page.status_code == 422
    assert "evil.test" not in page.text.replace('value="https://evil.test/x.png"', "")


def edit(client, link, **more):
    data = {"url": link.url, "title": link.title, "description": "", **more}
    assert client.post(reverse("collections:edit_link", args=[link.pk]), data).status_code == 302
    link.refresh_from_db()
    return link.picture_id


def test_editing_keeps_changes_or_drops_it(signed_in, ana, collection):
    one, two = make_picture("red"), make_picture("blue")
    link, client = add(ana, picture=one.pk), signed_in(ana)
    page = client.get(reverse("collections:edit_link", args=[link.pk]))
    assert page.context["form"].offered_image == one.get_absolute_url()
    assert edit(client, link) == one.pk
    assert edit(client, link, picture=two.pk) == two.pk
    assert edit(client, link, picture=two.pk, without_picture="on") is None
    assert edit(client, link, picture=two.pk) == two.pk
    # It was that of another page.
    assert edit(client, link, url="https://b.org/") is None
    assert link.previewed_at is None


def test_new_url_drops_old_picture(signed_in, ana, collection):
    link, client = add(ana, picture=make_picture().pk), signed_in(ana)
    page = client.get(reverse("collections:edit_link", args=[link.pk]))
    as_without_a_script = {"picture": page.context["form"]["picture"].value() or ""}
    assert edit(client, link, **as_without_a_script) == link.picture_id
    assert edit(client, link, url="https://b.org/", **as_without_a_script) is None


def test_existing_picture_can_be_removed(signed_in, ana, collection):
    link = add(ana, picture=make_picture().pk)
    assert edit(signed_in(ana), link, without_picture="on") is None
    assert link.previewed_at


def test_used_picture_is_never_pruned(ana, collection):
    used = add(ana, picture=make_picture("red").pk).picture
    make_picture("blue")
    Picture.objects.update(used_at=timezone.now() - timedelta(days=30))
    prune(None)
    assert Picture.objects.get() == used

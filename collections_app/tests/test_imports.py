"""Importing bookmark files."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.services import delete_person
from collections_app import exports, imports
from collections_app.models import BookmarkImport, Collection, Content
from collections_app.tests.factories import (
    BookmarkImportFactory,
    CollectionFactory,
    ContentFactory,
)
from feeds.models import OutboxEntry
from feeds.signals import worker_tick
from notifications.models import Notification
from tests.threads import run_at_once

PAGE = reverse("collections:import")


def links():
    return Content.objects.order_by("id")


def bookmark_file(*rows, folder="Typography"):
    """Return the bytes of a file that has `rows` (address, title) in one folder."""
    lines = "\n".join(f'<DT><A HREF="{url}">{title}</A>' for url, title in rows)
    return f"<DL><p>\n<DT><H3>{folder}</H3>\n<DL><p>\n{lines}\n</DL><p></DL>".encode()


def many(number):
    return [(f"https://example.org/{index}", f"Page {index}") for index in range(number)]


def start(person, data):
    return imports.start(person=person, file_name="bookmarks.html", data=data)


def finish(person, data):
    bookmark_import = start(person, data)
    while imports.run_slice(bookmark_import.pk):
        pass
    bookmark_import.refresh_from_db()
    return bookmark_import


def test_folder_becomes_collection(ana):
    bookmark_import = finish(ana, bookmark_file(("https://www.debian.org/", "Debian")))
    (collection,) = ana.collections.all()
    assert collection.name == "Typography"
    assert list(collection.contents.values_list("url", "title", "host")) == [
        ("https://www.debian.org/", "Debian", "debian.org")
    ]
    assert (
        bookmark_import.total,
        bookmark_import.done,
        bookmark_import.added,
        bookmark_import.problems,
    ) == (1, 1, 1, [])


def test_import_adds_to_collection_of_same_name(ana, collection, link):
    bookmark_import = finish(
        ana, bookmark_file((link.url, "Again"), ("https://www.debian.org/", "Debian"))
    )
    assert list(links().values_list("title", flat=True)) == ["Python", "Debian"]
    assert (bookmark_import.added, bookmark_import.duplicates) == (1, 1)
    assert Collection.objects.get() == collection


def test_import_ignores_others_and_hidden_collections(ana, ben, collection):
    finish(ben, bookmark_file(*many(1)))
    Collection.objects.filter(pk=collection.pk).update(hidden_at=timezone.now())
    finish(ana, bookmark_file(*many(1)))
    assert not collection.contents.exists()
    assert (ana.collections.count(), ben.collections.count()) == (2, 1)


def test_links_keep_past_dates(ana):
    finish(
        ana,
        b'<A HREF="https://a.example" ADD_DATE="1500000000">A</A>'
        b'<A HREF="https://b.example" ADD_DATE="99999999999">B</A>',
    )
    first, second = links()
    assert first.created_at == datetime.fromtimestamp(1_500_000_000, UTC)
    assert timezone.now() - second.created_at < timedelta(minutes=1)


def test_bad_lines_are_reported_and_skipped(ana):
    bookmark_import = finish(
        ana,
        bookmark_file(
            ("javascript:alert(1)", "Script"),
            ("", "Nothing"),
            ("https://user:secret@example.org/", "Secret"),
            ("https://", "No host"),
            (f"https://example.org/{'a' * 2048}", "Long"),
            ("https://www.debian.org/", "Debian"),
        ),
    )
    assert [(text, reason) for _line, text, reason in bookmark_import.problems] == [
        ("Script", "scheme"),
        ("Nothing", "no_address"),
        ("Secret", "credentials"),
        ("No host", "invalid"),
        ("Long", "max_length"),
    ]
    assert (bookmark_import.added, bookmark_import.refused) == (1, 5)


def test_private_links_are_left_out_and_reported(ana):
    bookmark_import = finish(
        ana,
        b'<A HREF="https://quiet.example/" PRIVATE="1">Quiet</A>\n'
        b'<A HREF="https://loud.example/" PRIVATE="0">Loud</A>',
    )
    assert list(links().values_list("title", flat=True)) == ["Loud"]
    assert bookmark_import.problems == [[1, "Quiet", "private"]]
    assert (bookmark_import.added, bookmark_import.refused) == (1, 1)


def test_nested_folders_are_named_after_parents(ana):
    data = (
        "<DL><DT><H3>Dev</H3><DL><DT><A HREF='https://a.example/'>A</A><DT><H3>Django</H3><DL>"
        "<DT><H3>Deep</H3><DL><DT><A HREF='https://b.example/'>B</A></DL></DL></DL>"
        "<DT><H3>Last</H3><DL><DT><A HREF='https://c.example/'>C</A></DL></DL>"
    )
    for _time in range(2):
        bookmark_import = finish(ana, data.encode())
        assert bookmark_import.problems == []
        assert set(ana.collections.values_list("name", flat=True)) == {
            "Dev",
            "Dev / Django / Deep",
            "Last",
        }
    assert bookmark_import.duplicates == 3


def test_long_folder_path_loses_outermost_parents(ana):
    folders = "".join(f"<DT><H3>{letter * 28}</H3><DL>" for letter in "ABC")
    data = f"<DL>{folders}<DT><A HREF='https://a.example/'>A</A>"
    bookmark_import = finish(ana, data.encode())
    assert ana.collections.get().name == f"… / {'B' * 28} / {'C' * 28}"
    assert [reason for *_rest, reason in bookmark_import.problems] == ["folder"]


def test_lost_tags_are_reported_once(ana):
    bookmark_import = finish(
        ana,
        b'<A HREF="https://a.example/" TAGS="">A</A>\n'
        b'<A HREF="https://b.example/" TAGS="x, y">B</A>\n'
        b'<A HREF="https://c.example/" TAGS="z">C</A>',
    )
    assert bookmark_import.problems == [[2, "x, y", "tags"]]
    assert (bookmark_import.added, bookmark_import.refused) == (3, 0)


def test_deep_nesting_takes_linear_time(ana):
    data = "".join(f"<DT><H3>{'x' * 4000}</H3><DL>" for _number in range(5_000))
    began = time.process_time()
    start(ana, f"{data}<A HREF='https://a.example/'>A</A>".encode())
    assert time.process_time() - began < 10


def test_long_texts_are_cut_and_reported(ana):
    bookmark_import = finish(ana, bookmark_file(("https://www.debian.org/", "D" * 500)))
    assert links().get().title == "D" * 127 + "…"
    assert [reason for *_rest, reason in bookmark_import.problems] == ["shortened"]
    assert (bookmark_import.added, bookmark_import.refused) == (1, 0)


def test_untitled_link_is_named_after_host(ana):
    finish(ana, bookmark_file(("https://www.debian.org/", " ")))
    assert links().get().title == "debian.org"


def test_control_characters_are_left_out(ana):
    finish(ana, bookmark_file(("https://www.debian.org/", "De\x00bi\x1ban"), folder="Ty\x00po"))
    assert links().get().title == "De bi an"
    assert ana.collections.get().name == "Ty po"


def test_nobody_imports_a_file_without_bookmarks(ana):
    with pytest.raises(ValidationError, match="no bookmarks"):
        start(ana, b"<h1>Hello</h1>")


def test_second_import_waits_for_first(ana):
    start(ana, bookmark_file(*many(1)))
    with pytest.raises(ValidationError, match="under way"):
        start(ana, bookmark_file(*many(1)))
    assert BookmarkImport.objects.count() == 1


def test_progress_notifies_only_its_person(ana):
    bookmark_import = finish(ana, bookmark_file(*many(3)))
    notification = Notification.objects.get()
    assert (notification.user, notification.name) == (ana, "task_progress")
    assert notification.payload == {"import": bookmark_import.pk, "done": 3, "total": 3}


def test_a_batch_is_published_together(ana, django_assert_max_num_queries):
    start(ana, bookmark_file(*many(100)))
    bookmark_import = BookmarkImport.objects.select_related("person").get()
    imports._add_batch(bookmark_import)  # makes the collection
    first = OutboxEntry.objects.filter(subject__startswith="collections_app.Content").count()
    assert first == 100
    BookmarkImport.objects.all().delete()
    start(ana, bookmark_file(*[(f"{url}/b", title) for url, title in many(100)]))
    bookmark_import = BookmarkImport.objects.select_related("person").get()
    with django_assert_max_num_queries(25):
        imports._add_batch(bookmark_import)


def test_interrupted_import_resumes(ana):
    bookmark_import = start(ana, bookmark_file(*many(250)))
    bookmark_import = BookmarkImport.objects.select_related("person").get(pk=bookmark_import.pk)
    imports._add_batch(bookmark_import)
    imports._add_batch(bookmark_import)
    while imports.run_slice(bookmark_import.pk):
        pass
    bookmark_import.refresh_from_db()
    assert (links().count(), bookmark_import.added, bookmark_import.duplicates) == (250, 250, 0)


@pytest.mark.django_db(transaction=True)
def test_worker_finishes_import_and_clears_links(ana):
    bookmark_import = start(ana, bookmark_file(*many(5)))
    call_command("db_worker", batch=True, startup_delay=False, reload=False, verbosity=0)
    bookmark_import.refresh_from_db()
    assert bookmark_import.is_finished
    assert (bookmark_import.links, links().count()) == ([], 5)


def test_lost_import_is_requeued_once(ana):
    bookmark_import = BookmarkImportFactory(person=ana)
    assert imports.requeue_lost() == 0
    later = timezone.now() + timedelta(minutes=11)
    assert imports.requeue_lost(later) == 1
    assert DBTaskResult.objects.get().args_kwargs["args"] == [bookmark_import.pk]
    BookmarkImport.objects.update(touched_at=later)
    assert imports.requeue_lost(later) == 0


@pytest.mark.django_db(transaction=True)
def test_worker_prunes_old_task_results(ana):
    start(ana, bookmark_file(*many(5)))
    call_command("db_worker", batch=True, startup_delay=False, reload=False, verbosity=0)
    done = DBTaskResult.objects.get()
    worker_tick.send(sender=None)
    assert DBTaskResult.objects.get() == done
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
    start(ana, bookmark_file(*many(5)))
    worker_tick.send(sender=None)
    assert DBTaskResult.objects.get() != done


def test_import_of_deleted_person_does_nothing(ana):
    bookmark_import = BookmarkImportFactory(person=ana)
    ana.delete()
    assert imports.run_slice(bookmark_import.pk) is False


def test_export_and_import_round_trip(ana, ben, collection):
    for index, text in enumerate(["", "Two\nlines", '<b>bold</b> & "quoted"', "  ünï ✓"]):
        moment = datetime(2020, 1, 1 + index, tzinfo=UTC)
        ContentFactory(
            collection=collection,
            description=text.strip(),
            title=f"T {index} <&>",
            created_at=moment,
        )
    lines = exports.as_bookmarks(exports.collections_of(ana))
    finish(ben, "\n".join(lines).encode())
    fields = ("collection__name", "collection__description", "url", "title", "description")
    assert list(links_of(ben, *fields, "created_at")) == list(links_of(ana, *fields, "created_at"))


def links_of(person, *fields):
    return links().filter(collection__author=person).values_list(*fields)


def test_two_collections_of_one_name_stay_two(ana, ben):
    for number in range(2):
        ContentFactory(collection__author=ana, collection__name="Same", title=f"T {number}")
    lines = list(exports.as_bookmarks(exports.collections_of(ana)))
    for _twice in range(2):
        finish(ben, "\n".join(lines).encode())
    assert [
        list(collection.contents.values_list("title", flat=True))
        for collection in ben.collections.order_by("id")
    ] == [["T 0"], ["T 1"]]


def folder(name, *urls):
    lines = "".join(f'<DT><A HREF="{url}">T</A>\n' for url in urls)
    return f"<DT><H3>{name}</H3>\n<DL><p>\n{lines}</DL><p>\n"


def test_empty_folder_takes_no_collection(ana):
    urls = [url for url, _title in many(150)]
    data = (folder("News") + folder("News", "about:blank") + folder("News", *urls)).encode()
    for added in (150, 0):
        assert finish(ana, data).added == added
    assert ana.collections.get().contents.count() == 150


def test_import_prefers_collection_with_links(ana):
    CollectionFactory(author=ana, name="News")
    full = CollectionFactory(author=ana, name="News")
    for url, _title in many(150):
        ContentFactory(collection=full, url=url)
    lines = exports.as_bookmarks(exports.collections_of(ana))
    bookmark_import = finish(ana, "\n".join(lines).encode())
    assert (bookmark_import.added, bookmark_import.duplicates, ana.collections.count()) == (
        0,
        150,
        2,
    )


def test_long_folder_name_finds_its_collection(ana):
    data = bookmark_file(*many(150), folder="N" * 63 + " more")
    for _twice in range(2):
        finish(ana, data)
    assert ana.collections.get().name == "N" * 63


def test_deleted_collection_is_recreated_during_import(ana):
    bookmark_import = start(ana, bookmark_file(*many(150)))
    bookmark_import = BookmarkImport.objects.select_related("person").get(pk=bookmark_import.pk)
    bookmark_import = imports._add_batch(bookmark_import)
    ana.collections.get().delete()
    imports._add_batch(bookmark_import)
    assert ana.collections.get().contents.count() == 50


def test_renamed_collection_gets_remaining_links(ana):
    bookmark_import = start(ana, bookmark_file(*many(150)))
    bookmark_import = BookmarkImport.objects.select_related("person").get(pk=bookmark_import.pk)
    bookmark_import = imports._add_batch(bookmark_import)
    ana.collections.update(name="Other")
    imports._add_batch(bookmark_import)
    assert ana.collections.get().contents.count() == 150


@pytest.mark.parametrize("name", ["A  B", "A\u00a0B", "<i>A</i> &amp; B"])
def test_spaces_survive_round_trip(ana, name):
    collection = CollectionFactory(author=ana, name=name, description="One  line\nand another")
    ContentFactory(collection=collection, title=name)
    lines = "\n".join(exports.as_bookmarks(exports.collections_of(ana))).encode()
    finish(ana, lines)
    assert ana.collections.get() == collection
    ana.collections.all().delete()
    finish(ana, lines)
    made = ana.collections.get()
    assert (made.name, made.description) == (name, "One  line\nand another")
    assert made.contents.get().title == name


def test_title_line_breaks_become_spaces(ana):
    finish(ana, bookmark_file(("https://www.debian.org/", "De\n    bi\r\n\tan\n")))
    assert links().get().title == "De bi an"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows one writer")
def test_concurrent_workers_add_each_link_once(ana):
    bookmark_import = start(ana, bookmark_file(*many(400)))
    errors = []

    def run():
        try:
            imports.run_slice(bookmark_import.pk, seconds=30)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bookmark_import.refresh_from_db()
    assert not errors
    assert (links().count(), bookmark_import.added, bookmark_import.duplicates) == (400, 400, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows one writer")
def test_deleting_person_during_import_leaves_nothing(ana):
    bookmark_import = start(ana, bookmark_file(*many(150)))
    bookmark_import = BookmarkImport.objects.select_related("person").get(pk=bookmark_import.pk)
    is_adding = threading.Event()

    def add():
        with transaction.atomic():
            imports._add_batch(bookmark_import)
            is_adding.set()
            time.sleep(0.5)

    def leave():
        assert is_adding.wait(10)
        delete_person(ana)

    run_at_once([add, leave])
    assert not get_user_model().objects.filter(pk=ana.pk).exists()
    assert not Content.objects.exists()
    assert imports.run_slice(bookmark_import.pk) is False


# The pages


def upload(data, name="bookmarks.html"):
    return {"file": SimpleUploadedFile(name, data, content_type="text/html")}


def test_uploading_a_file_leads_to_its_progress(signed_in, ana):
    answer = signed_in(ana).post(PAGE, upload(bookmark_file(*many(2))), follow=True)
    assert answer.redirect_chain == [
        (f"/collections/import/{BookmarkImport.objects.get().pk}/", 302)
    ]
    assert b"0 of 2 links" in answer.content


def test_file_without_bookmarks_is_form_error(signed_in, ana):
    answer = signed_in(ana).post(PAGE, upload(b"nothing"))
    assert answer.status_code == 422
    assert b"This file holds no bookmarks." in answer.content


def test_second_file_during_import_is_form_error(signed_in, ana):
    start(ana, bookmark_file(*many(1)))
    answer = signed_in(ana).post(PAGE, upload(bookmark_file(*many(1))))
    assert answer.status_code == 422
    assert b"Your last import is still under way." in answer.content


def test_file_with_too_many_links_is_form_error(signed_in, ana, monkeypatch):
    monkeypatch.setattr("collections_app.imports.MAX_LINKS", 2)
    answer = signed_in(ana).post(PAGE, upload(bookmark_file(*many(3))))
    assert answer.status_code == 422
    assert b"At most 2 bookmarks" in answer.content


def test_upload_limit_per_hour(signed_in, ana, monkeypatch):
    monkeypatch.setattr("collections_app.views.imports.UPLOAD_RATE", "2/h")
    client = signed_in(ana)
    codes = [client.post(PAGE, upload(b"nothing")).status_code for _time in range(3)]
    assert codes == [422, 422, 429]


def test_too_large_file_is_form_error(signed_in, ana, monkeypatch):
    monkeypatch.setattr("collections_app.forms.MAX_FILE_SIZE", 5)
    answer = signed_in(ana).post(PAGE, upload(b"123456"))
    assert answer.status_code == 422


def test_import_page_shows_outcome(signed_in, ana):
    bookmark_import = finish(ana, bookmark_file(("about:blank", "Blank"), *many(2)))
    page = (
        signed_in(ana)
        .get(reverse("collections:import_detail", args=[bookmark_import.pk]))
        .content.decode()
    )
    assert "2 links were added." in page
    assert "1 line could not be added." in page
    assert "Line 4: Only links that start with" in page


def test_all_bad_lines_can_be_paged_through(signed_in, ana, settings):
    settings.RESULTS_PER_PAGE = 2
    bookmark_import = finish(
        ana, bookmark_file(*[("about:blank", f"Bad {index}") for index in range(5)])
    )
    address = reverse("collections:import_detail", args=[bookmark_import.pk])
    assert b"Bad 4" in signed_in(ana).get(f"{address}?page=3").content
    assert signed_in(ana).get(f"{address}?page=4").status_code == 404


def test_nobody_sees_the_imports_of_others(signed_in, ana, ben):
    bookmark_import = BookmarkImportFactory(person=ana)
    address = reverse("collections:import_detail", args=[bookmark_import.pk])
    assert signed_in(ben).get(address).status_code == 404

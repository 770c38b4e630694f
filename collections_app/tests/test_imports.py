"""From a file of bookmarks into collections."""

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
    work = start(person, data)
    while imports.advance(work.pk):
        pass
    work.refresh_from_db()
    return work


def test_a_folder_becomes_a_collection_with_its_links(ana):
    work = finish(ana, bookmark_file(("https://www.debian.org/", "Debian")))
    (collection,) = ana.collections.all()
    assert collection.name == "Typography"
    assert list(collection.contents.values_list("url", "title", "host")) == [
        ("https://www.debian.org/", "Debian", "debian.org")
    ]
    assert (work.total, work.done, work.added, work.problems) == (1, 1, 1, [])


def test_a_collection_of_that_name_is_added_to(ana, collection, link):
    work = finish(ana, bookmark_file((link.url, "Again"), ("https://www.debian.org/", "Debian")))
    assert list(links().values_list("title", flat=True)) == ["Python", "Debian"]
    assert (work.added, work.duplicates) == (1, 1)
    assert Collection.objects.get() == collection


def test_others_collections_and_hidden_ones_are_left_alone(ana, ben, collection):
    finish(ben, bookmark_file(*many(1)))
    Collection.objects.filter(pk=collection.pk).update(hidden_at=timezone.now())
    finish(ana, bookmark_file(*many(1)))
    assert not collection.contents.exists()
    assert (ana.collections.count(), ben.collections.count()) == (2, 1)


def test_links_keep_their_day_unless_it_is_to_come(ana):
    finish(
        ana,
        b'<A HREF="https://a.example" ADD_DATE="1500000000">A</A>'
        b'<A HREF="https://b.example" ADD_DATE="99999999999">B</A>',
    )
    first, second = links()
    assert first.created_at == datetime.fromtimestamp(1_500_000_000, UTC)
    assert timezone.now() - second.created_at < timedelta(minutes=1)


def test_bad_lines_are_told_and_skipped(ana):
    work = finish(
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
    assert [(text, reason) for _line, text, reason in work.problems] == [
        ("Script", "scheme"),
        ("Nothing", "no_address"),
        ("Secret", "credentials"),
        ("No host", "invalid"),
        ("Long", "max_length"),
    ]
    assert (work.added, work.refused) == (1, 5)


def test_long_texts_are_cut_and_told(ana):
    work = finish(ana, bookmark_file(("https://www.debian.org/", "D" * 500)))
    assert links().get().title == "D" * 127 + "…"
    assert [reason for *_rest, reason in work.problems] == ["shortened"]
    assert (work.added, work.refused) == (1, 0)


def test_a_link_without_a_title_is_called_after_its_host(ana):
    finish(ana, bookmark_file(("https://www.debian.org/", " ")))
    assert links().get().title == "debian.org"


def test_control_characters_are_left_out(ana):
    finish(ana, bookmark_file(("https://www.debian.org/", "De\x00bi\x1ban"), folder="Ty\x00po"))
    assert links().get().title == "De bi an"
    assert ana.collections.get().name == "Ty po"


def test_nobody_imports_a_file_without_bookmarks(ana):
    with pytest.raises(ValidationError, match="no bookmarks"):
        start(ana, b"<h1>Hello</h1>")


def test_one_import_is_under_way_at_a_time(ana):
    start(ana, bookmark_file(*many(1)))
    with pytest.raises(ValidationError, match="under way"):
        start(ana, bookmark_file(*many(1)))
    assert BookmarkImport.objects.count() == 1


def test_progress_is_told_to_the_person_alone(ana):
    work = finish(ana, bookmark_file(*many(3)))
    told = Notification.objects.get()
    assert (told.user, told.name) == (ana, "task_progress")
    assert told.payload == {"import": work.pk, "done": 3, "total": 3}


def test_a_batch_is_published_together(ana, django_assert_max_num_queries):
    start(ana, bookmark_file(*many(100)))
    work = BookmarkImport.objects.select_related("person").get()
    imports._add_batch(work)  # makes the collection
    first = OutboxEntry.objects.filter(subject__startswith="collections_app.Content").count()
    assert first == 100
    BookmarkImport.objects.all().delete()
    start(ana, bookmark_file(*[(f"{url}/b", title) for url, title in many(100)]))
    work = BookmarkImport.objects.select_related("person").get()
    with django_assert_max_num_queries(25):
        imports._add_batch(work)


def test_what_was_done_before_an_interruption_is_not_done_again(ana):
    work = start(ana, bookmark_file(*many(250)))
    work = BookmarkImport.objects.select_related("person").get(pk=work.pk)
    imports._add_batch(work)
    imports._add_batch(work)
    while imports.advance(work.pk):
        pass
    work.refresh_from_db()
    assert (links().count(), work.added, work.duplicates) == (250, 250, 0)


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_it_and_forgets_the_file(ana):
    work = start(ana, bookmark_file(*many(5)))
    call_command("db_worker", batch=True, startup_delay=False, reload=False, verbosity=0)
    work.refresh_from_db()
    assert work.is_finished
    assert (work.links, links().count()) == ([], 5)


def test_what_lost_its_worker_is_queued_again_once(ana):
    work = BookmarkImportFactory(person=ana)
    assert imports.requeue_lost() == 0
    later = timezone.now() + timedelta(minutes=11)
    assert imports.requeue_lost(later) == 1
    assert DBTaskResult.objects.get().args_kwargs["args"] == [work.pk]
    BookmarkImport.objects.update(touched_at=later)
    assert imports.requeue_lost(later) == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_of_feeds_deletes_what_tasks_left_a_day_ago(ana):
    start(ana, bookmark_file(*many(5)))
    call_command("db_worker", batch=True, startup_delay=False, reload=False, verbosity=0)
    done = DBTaskResult.objects.get()
    worker_tick.send(sender=None)
    assert DBTaskResult.objects.get() == done
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
    start(ana, bookmark_file(*many(5)))
    worker_tick.send(sender=None)
    assert DBTaskResult.objects.get() != done


def test_an_import_whose_person_is_gone_is_nothing_to_do(ana):
    work = BookmarkImportFactory(person=ana)
    ana.delete()
    assert imports.advance(work.pk) is False


def test_export_then_import_gives_back_the_same_links(ana, ben, collection):
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


def test_a_folder_without_links_takes_no_collection_from_one_of_its_name(ana):
    urls = [url for url, _title in many(150)]
    data = (folder("News") + folder("News", "about:blank") + folder("News", *urls)).encode()
    for added in (150, 0):
        assert finish(ana, data).added == added
    assert ana.collections.get().contents.count() == 150


def test_an_empty_collection_and_one_of_its_name_are_found_again(ana):
    CollectionFactory(author=ana, name="News")
    full = CollectionFactory(author=ana, name="News")
    for url, _title in many(150):
        ContentFactory(collection=full, url=url)
    lines = exports.as_bookmarks(exports.collections_of(ana))
    work = finish(ana, "\n".join(lines).encode())
    assert (work.added, work.duplicates, ana.collections.count()) == (0, 150, 2)


def test_a_long_name_that_is_cut_at_a_space_is_one_collection(ana):
    data = bookmark_file(*many(150), folder="N" * 63 + " more")
    for _twice in range(2):
        finish(ana, data)
    assert ana.collections.get().name == "N" * 63


def test_a_collection_that_goes_while_it_is_imported_into_is_made_anew(ana):
    work = start(ana, bookmark_file(*many(150)))
    work = BookmarkImport.objects.select_related("person").get(pk=work.pk)
    work = imports._add_batch(work)
    ana.collections.get().delete()
    imports._add_batch(work)
    assert ana.collections.get().contents.count() == 50


def test_a_collection_that_is_renamed_while_it_is_imported_into_gets_the_rest(ana):
    work = start(ana, bookmark_file(*many(150)))
    work = BookmarkImport.objects.select_related("person").get(pk=work.pk)
    work = imports._add_batch(work)
    ana.collections.update(name="Other")
    imports._add_batch(work)
    assert ana.collections.get().contents.count() == 150


@pytest.mark.parametrize("name", ["A  B", "A\u00a0B", "<i>A</i> &amp; B"])
def test_names_and_titles_are_read_back_with_every_space(ana, name):
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


def test_a_title_over_several_lines_is_one_line(ana):
    finish(ana, bookmark_file(("https://www.debian.org/", "De\n    bi\r\n\tan\n")))
    assert links().get().title == "De bi an"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows one writer")
def test_two_workers_on_one_import_add_everything_once(ana):
    work = start(ana, bookmark_file(*many(400)))
    errors = []

    def run():
        try:
            imports.advance(work.pk, seconds=30)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work.refresh_from_db()
    assert not errors
    assert (links().count(), work.added, work.duplicates) == (400, 400, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows one writer")
def test_who_leaves_while_links_are_added_for_them_is_gone_with_all_of_them(ana):
    work = start(ana, bookmark_file(*many(150)))
    work = BookmarkImport.objects.select_related("person").get(pk=work.pk)
    is_adding = threading.Event()

    def add():
        with transaction.atomic():
            imports._add_batch(work)
            is_adding.set()
            time.sleep(0.5)

    def leave():
        assert is_adding.wait(10)
        delete_person(ana)

    run_at_once([add, leave])
    assert not get_user_model().objects.filter(pk=ana.pk).exists()
    assert not Content.objects.exists()
    assert imports.advance(work.pk) is False


# The pages


def upload(data, name="bookmarks.html"):
    return {"file": SimpleUploadedFile(name, data, content_type="text/html")}


def test_uploading_a_file_leads_to_its_progress(signed_in, ana):
    answer = signed_in(ana).post(PAGE, upload(bookmark_file(*many(2))), follow=True)
    assert answer.redirect_chain == [
        (f"/collections/import/{BookmarkImport.objects.get().pk}/", 302)
    ]
    assert b"0 of 2 links" in answer.content


def test_a_file_that_cannot_be_imported_is_a_form_error(signed_in, ana):
    answer = signed_in(ana).post(PAGE, upload(b"nothing"))
    assert answer.status_code == 422
    assert b"This file holds no bookmarks." in answer.content


def test_a_second_file_while_one_is_under_way_is_a_form_error(signed_in, ana):
    start(ana, bookmark_file(*many(1)))
    answer = signed_in(ana).post(PAGE, upload(bookmark_file(*many(1))))
    assert answer.status_code == 422
    assert b"Your last import is still under way." in answer.content


def test_a_file_of_more_than_can_be_imported_is_a_form_error(signed_in, ana, monkeypatch):
    monkeypatch.setattr("collections_app.imports.MOST_LINKS", 2)
    answer = signed_in(ana).post(PAGE, upload(bookmark_file(*many(3))))
    assert answer.status_code == 422
    assert b"At most 2 bookmarks" in answer.content


def test_only_so_many_files_are_read_within_an_hour(signed_in, ana, monkeypatch):
    monkeypatch.setattr("collections_app.views.imports.RATE", "2/h")
    client = signed_in(ana)
    codes = [client.post(PAGE, upload(b"nothing")).status_code for _time in range(3)]
    assert codes == [422, 422, 429]


def test_a_file_that_is_too_large_is_a_form_error(signed_in, ana, monkeypatch):
    monkeypatch.setattr("collections_app.forms.LARGEST_FILE", 5)
    answer = signed_in(ana).post(PAGE, upload(b"123456"))
    assert answer.status_code == 422


def test_the_page_of_an_import_tells_what_became_of_it(signed_in, ana):
    work = finish(ana, bookmark_file(("about:blank", "Blank"), *many(2)))
    page = signed_in(ana).get(reverse("collections:import_detail", args=[work.pk])).content.decode()
    assert "2 links were added." in page
    assert "1 line could not be added." in page
    assert "Line 4: Only links that start with" in page


def test_all_bad_lines_can_be_paged_through(signed_in, ana, settings):
    settings.RESULTS_PER_PAGE = 2
    work = finish(ana, bookmark_file(*[("about:blank", f"Bad {index}") for index in range(5)]))
    address = reverse("collections:import_detail", args=[work.pk])
    assert b"Bad 4" in signed_in(ana).get(f"{address}?page=3").content
    assert signed_in(ana).get(f"{address}?page=4").status_code == 404


def test_nobody_sees_the_imports_of_others(signed_in, ana, ben):
    work = BookmarkImportFactory(person=ana)
    address = reverse("collections:import_detail", args=[work.pk])
    assert signed_in(ben).get(address).status_code == 404

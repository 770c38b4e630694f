"""Import of bookmarks, and download of all data."""

import zipfile

import pytest
from playwright.sync_api import expect

from collections_app import bookmarks


def bookmarks_file(folder, count):
    """Return an upload of `count` valid links in `folder` and an invalid one."""
    links = [
        bookmarks.Bookmark(
            1, f"https://example.org/{folder}/{n}", 0, 1_600_000_000 + n, f"Page {n}"
        )
        for n in range(count)
    ]
    links.append(bookmarks.Bookmark(1, "javascript:alert(1)", 0, 1_600_000_000, "A script"))
    text = "\n".join(bookmarks.write([(bookmarks.Folder(folder, "Of old."), links)]))
    return {"name": "bookmarks.html", "mimeType": "text/html", "buffer": text.encode()}


def import_file(page, upload):
    page.goto("/settings/data/")
    page.get_by_role("link", name="Import bookmarks").click()
    page.get_by_label("File of bookmarks").set_input_files(upload)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import of bookmarks")


def check_result(page, count):
    main = page.get_by_role("main")
    expect(main).to_contain_text(f"{count} links were added.")
    expect(main).to_contain_text("1 line could not be added.")
    expect(main).to_contain_text("A script")


@pytest.fixture
def ada(newcomers):
    (ada,) = newcomers("Ada")
    return ada


def test_import_shows_progress_and_rejected_lines(ada, tmp_path):
    import_file(ada, bookmarks_file("Kept", 250))
    done = ada.get_by_role("link", name="See what was added")
    expect(done).to_be_visible(timeout=60_000)
    expect(ada.get_by_role("status").filter(has_text="of 251 links")).to_contain_text("251 of")
    done.click()
    check_result(ada, 250)
    ada.get_by_role("link", name="See your collections").click()
    ada.get_by_role("main").get_by_role("link", name="Kept", exact=True).click()
    expect(ada.get_by_role("main")).to_contain_text("250 links")

    ada.goto("/settings/data/")
    with ada.expect_download() as download:
        ada.get_by_role("link", name="Download everything").click()
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        exported = bookmarks.read(archive.read("bookmarks.html").decode())
    assert len(exported.links) == 250


def test_file_without_bookmarks_is_refused(ada):
    ada.goto("/collections/import/")
    upload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Buy bread."}
    ada.get_by_label("File of bookmarks").set_input_files(upload)
    ada.get_by_role("button", name="Import").click()
    expect(ada.get_by_role("main")).to_contain_text("This file holds no bookmarks.")


def test_import_without_javascript(ada, visitor, site):
    page = visitor(scripts=False)
    page.context.add_cookies(ada.context.cookies())
    import_file(page, bookmarks_file("Quiet", 3))
    result = page.get_by_text("3 links were added.")
    for _ in range(60):
        if result.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    check_result(page, 3)

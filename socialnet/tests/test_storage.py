from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from socialnet.storage import IMPORT, STYLESHEET, StaticFilesStorage

FOLDER = Path(settings.BASE_DIR, "static/css")
NOT_IMPORTED = {"site.css", "admin.css"}


def collect(folder):
    """Return the stylesheet as `collectstatic` stores it in `folder`."""
    paths = {name: (storage, name) for finder in get_finders() for name, storage in finder.list([])}
    storage = StaticFilesStorage(location=folder)
    storage.join_imports(paths)
    assert paths[STYLESHEET] == (storage, STYLESHEET)
    return Path(folder, STYLESHEET).read_text()


def test_collected_stylesheet_has_every_component(tmp_path):
    (tmp_path / "css").mkdir()
    (tmp_path / STYLESHEET).write_text("of the release before")
    collected = collect(tmp_path)
    assert "@import" not in collected
    names = IMPORT.findall((FOLDER / "site.css").read_text())
    starts = [collected.index((FOLDER / name).read_text()) for name in names]
    assert starts == sorted(starts)
    assert {path.name for path in FOLDER.iterdir()} - NOT_IMPORTED == set(names)

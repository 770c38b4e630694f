"""Import bookmark files into collections, a batch of links at a time.

The links of a folder are added to the person's collection of that name, which is created if needed.
If several have the name, it is the one with most of these links, and no two folders share one: so
importing an exported file finds its collections again, and importing a file twice adds nothing.
"""

import re
import time
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from collections_app import bookmarks, publishing, services
from collections_app.links import host_of, title_of, url_key, validate_link, with_lower_scheme
from collections_app.models import BookmarkImport, Collection, Content
from collections_app.models.imports import Problem
from notifications.services import notify
from transactions import atomically, lock_keys

MAX_LINKS = 20_000
BATCH_SIZE = 100
# A worker stops within this time, and other tasks wait no longer.
SLICE_SECONDS = 2
# After each batch an import pauses for so many times as long as the batch took, so that page
# requests come first; on SQLite they wait for the writing transaction.
PAUSE_FACTOR = 9
LOST_AFTER = timedelta(minutes=10)
RESULTS_KEPT_FOR, PRUNE_BATCH_SIZE = timedelta(days=1), 500
PROGRESS = "task_progress"
SEPARATOR = " / "
MAX_NAME, MAX_DESCRIPTION = (
    Collection._meta.get_field(name).max_length for name in ("name", "description")
)
MAX_PATH = MAX_NAME // len(f"x{SEPARATOR}") + 1
MAX_LENGTHS = {name: Content._meta.get_field(name).max_length for name in ("title", "description")}
# Characters that forms refuse, and that not every database and feed accepts.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
MIN_DATE = datetime(1990, 1, 1, tzinfo=UTC)


def start(*, person, file_name, data):
    """Queue the import of a file (bytes) and return the BookmarkImport.

    Raises ValidationError if the file has no bookmarks or too many, or if another import of
    `person` is unfinished.
    """
    try:
        content = bookmarks.read(bookmarks.decode(data), limit=MAX_LINKS)
    except bookmarks.TooManyError:
        text = _("At most %(most)d bookmarks and as many folders can be imported at once.")
        raise ValidationError(text % {"most": MAX_LINKS}, code="many")
    if not content.links:
        raise ValidationError(_("This file holds no bookmarks."), code="empty")
    bookmark_import = BookmarkImport(
        person=person,
        file_name=_one_line(file_name)[:255],
        folders=_folders(content),
        links=[_link_row(link) for link in content.links],
        problems=_find_losses(content),
        total=len(content.links),
    )
    return _queue(bookmark_import)


@transaction.atomic
def _queue(bookmark_import):
    try:
        with transaction.atomic():
            bookmark_import.save()
    except IntegrityError:  # the person has an unfinished import
        raise ValidationError(_("Your last import is still under way."))
    _notify_progress(bookmark_import)
    import_bookmarks.enqueue(bookmark_import.pk)
    return bookmark_import


def _folders(content):
    """Return [name, description, None] for each folder; the key of its collection comes later."""
    folders = []
    for folder, path in zip(content.folders, _paths(content), strict=True):
        # Translated here: the task that adds the links does not know the person's language.
        name = _join_path(path) or _("Imported bookmarks")
        description = _clean_lines(folder.description)[:MAX_DESCRIPTION].strip()
        folders.append([name, description or _("Imported from a file of bookmarks."), None])
    return folders


def _paths(content):
    """Return for each folder its name after those of its parents, as many as a name can hold."""
    paths = []
    for folder in content.folders:
        parents = paths[folder.parent] if paths else []
        name = _one_line(folder.name) or (parents and _("Imported bookmarks"))
        # Longer ones are too long in any case.
        paths.append([*parents, name[: MAX_NAME + 1]][-MAX_PATH:] if name else [])
    return paths


def _join_path(path):
    """Return a name from a folder's `path`, without the outermost parents if it is too long."""
    for start in range(len(path)):
        name = SEPARATOR.join(["…", *path[start:]] if start else path)
        if len(name) <= MAX_NAME:
            return name
    return path[-1][:MAX_NAME].strip() if path else ""


def _find_losses(content):
    """Return problems for what is lost: tags, which are reported once, and parts of folders."""
    used = {link.folder for link in content.links}
    losses = []
    for number, (folder, path) in enumerate(zip(content.folders, _paths(content), strict=True)):
        name, description = SEPARATOR.join(path), _clean_lines(folder.description)
        if number in used and (len(name) > MAX_NAME or len(description) > MAX_DESCRIPTION):
            losses.append([folder.line, name[:200], Problem.SHORTENED_FOLDER])
    tagged = next((link for link in content.links if _one_line(link.tags)), None)
    if tagged:
        losses.append([tagged.line, _one_line(tagged.tags)[:200], Problem.TAGS])
    return losses


def _link_row(link):
    texts = [_clean(link.url), _one_line(link.title), _clean_lines(link.description)]
    row = [link.folder, *texts, link.added, link.line]
    return [*row, True] if link.is_private else row


def _one_line(text):
    """Return `text` without line breaks and the spaces beside them; other spaces stay."""
    return " ".join(filter(None, map(str.strip, CONTROL_CHARACTERS.split(text))))


def _clean_lines(text):
    return "\n".join(map(_clean, text.splitlines())).strip()


def _clean(text):
    return CONTROL_CHARACTERS.sub(" ", text).strip()


def run_slice(pk, *, seconds=SLICE_SECONDS):
    """Add links for about `seconds`; return whether some are left."""
    unfinished = BookmarkImport.objects.unfinished().select_related("person")
    bookmark_import = unfinished.filter(pk=pk).first()
    deadline = time.monotonic() + seconds
    while bookmark_import is not None and not bookmark_import.is_finished:
        if time.monotonic() > deadline:
            return True
        started = time.monotonic()
        bookmark_import = _add_batch(bookmark_import)
        time.sleep(min(PAUSE_FACTOR * (time.monotonic() - started), 1))
    return False


def lock(person):
    """Lock the unfinished imports of `person`, so that they add no links until commit.

    A lock on the person alone would not stop them, and the deletion of the person would miss those.
    """
    lock_keys(person.bookmark_imports.unfinished())


@atomically
def _add_batch(bookmark_import):
    """Add the next links; return the import as it is afterwards, or None if it was deleted."""
    rows = BookmarkImport.objects.select_for_update().defer("links")
    row = rows.filter(pk=bookmark_import.pk).first()
    if row is None or row.is_finished:
        return row
    row.links, row.person = bookmark_import.links, bookmark_import.person
    batch = row.links[row.done : row.done + BATCH_SIZE]
    for folder in sorted({link[0] for link in batch}):
        _add_to_folder(row, folder, [link for link in batch if link[0] == folder])
    row.done += len(batch)
    row.touched_at = timezone.now()
    fields = ["done", "added", "duplicates", "problems", "folders", "touched_at"]
    if row.done == row.total:
        row.finished_at, row.links, row.folders = row.touched_at, [], []
        fields += ["finished_at", "links"]
    row.save(update_fields=fields)
    _notify_progress(row)
    return row


def _add_to_folder(bookmark_import, folder, links):
    new = {}
    for _folder, url, title, description, added, line, *is_private in links:
        url = with_lower_scheme(url)
        link = Content(
            url=url,
            host=host_of(url),
            title=title or title_of(url, MAX_LENGTHS["title"]),
            description=description,
        )
        link.created_at = _added_at(added)
        problem = Problem.PRIVATE if any(is_private) else _validate(link)
        if problem:
            bookmark_import.problems.append([line, (title or url)[:200], problem])
        if problem in (None, Problem.SHORTENED):
            link.url_key = url_key(url)
            bookmark_import.duplicates += new.setdefault(link.url_key, link) is not link
    if new:
        _insert(bookmark_import, folder, new)


def _validate(link):
    """Return the Problem of `link`, or None; cut texts that are too long."""
    if not link.url:
        return Problem.NO_ADDRESS
    if len(link.url) > Content._meta.get_field("url").max_length:
        return Problem.TOO_LONG
    try:
        validate_link(link.url)
    except ValidationError as error:
        return error.code if error.code in Problem.values else Problem.REFUSED
    problem = None
    for name, limit in MAX_LENGTHS.items():
        if len(getattr(link, name)) > limit:
            problem = Problem.SHORTENED
            setattr(link, name, f"{getattr(link, name)[: limit - 1]}…")
    return problem


def _insert(bookmark_import, folder, new):
    """Add the links `new`, by their URL keys, to the folder's collection, except those it has."""
    collection = _lock_collection(bookmark_import, folder, new)
    existing = Content.objects.filter(collection=collection, url_key__in=new)
    existing = set(existing.values_list("url_key", flat=True))
    rows = [link for key, link in new.items() if key not in existing]
    for row in rows:
        row.collection = collection
    Content.objects.bulk_create(rows)
    newest = max((row.created_at for row in rows), default=collection.last_added_at)
    Collection.objects.filter(pk=collection.pk).update(
        last_added_at=Greatest(F("last_added_at"), newest)
    )
    publishing.publish_new_links(rows)
    bookmark_import.added += len(rows)
    bookmark_import.duplicates += len(existing)


def _lock_collection(bookmark_import, folder, new):
    """Return the collection of a folder, locked as for any other addition, and store its key."""
    name, description, pk = bookmark_import.folders[folder]
    own = bookmark_import.person.collections.select_for_update().filter(hidden_at=None)
    pk = pk or _best_match(bookmark_import, own.filter(name=name), new)
    collection = own.filter(pk=pk).first()
    if collection is None:
        collection = services.create_collection(
            author=bookmark_import.person, name=name, description=description
        )
    bookmark_import.folders[folder][2] = collection.pk
    return collection


def _best_match(bookmark_import, collections, new):
    """Return the key of the one of `collections` that has most of the links `new`, or None.

    Collections of other folders are left out: two folders of one name stay two collections.
    """
    taken = [pk for _name, _description, pk in bookmark_import.folders if pk]
    free = list(collections.exclude(pk__in=taken).order_by("id").values_list("pk", flat=True))
    if len(free) < 2:
        return next(iter(free), None)
    existing = Content.objects.filter(collection__in=free, url_key__in=new)
    counts = dict(existing.values_list("collection").annotate(Count("pk")))
    return max(free, key=lambda pk: counts.get(pk, 0))


def _added_at(seconds):
    """Return the time that the file gives for a link, or now if that is missing or impossible."""
    now = timezone.now()
    try:
        added_at = datetime.fromtimestamp(seconds or 0, tz=UTC)
    except (OverflowError, OSError, ValueError):
        return now
    return added_at if MIN_DATE < added_at < now else now


@task()
def import_bookmarks(pk):
    """Add some links of the import `pk`, and queue the rest behind the tasks of others.

    Safe to repeat and to run twice at once: the row records the progress.
    """
    if run_slice(pk):
        import_bookmarks.enqueue(pk)


def _notify_progress(bookmark_import):
    progress = {
        "import": bookmark_import.pk,
        "done": bookmark_import.done,
        "total": bookmark_import.total,
    }
    notify(bookmark_import.person, PROGRESS, progress)


def prune_results(now=None):
    """Delete some results of tasks that succeeded a day ago; return how many.

    Each slice of an import leaves one that nobody reads. Failed tasks are kept for staff.
    """
    old = DBTaskResult.objects.successful().filter(
        finished_at__lt=(now or timezone.now()) - RESULTS_KEPT_FOR
    )
    keys = list(old.order_by("finished_at").values_list("pk", flat=True)[:PRUNE_BATCH_SIZE])
    return DBTaskResult.objects.filter(pk__in=keys).delete()[0]


def requeue_lost(now=None):
    """Queue imports again that made no progress for ten minutes; return how many."""
    before = (now or timezone.now()) - LOST_AFTER
    lost = BookmarkImport.objects.unfinished().filter(touched_at__lt=before)
    count = 0
    for pk in list(lost.values_list("pk", flat=True)):
        with transaction.atomic():
            if lost.filter(pk=pk).update(touched_at=timezone.now()):
                import_bookmarks.enqueue(pk)
                count += 1
    return count

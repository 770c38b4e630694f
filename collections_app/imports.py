"""Bringing a file of bookmarks into one's collections, a hundred links at a time.

Each folder goes into the collection of that name, which is made where there is none. Of several it
is the one that has its links already, and no two folders share one, so that a file which was
exported here finds its collections again, and one that is imported twice adds nothing.
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
from collections_app.links import host_of, url_key, validate_link
from collections_app.models import BookmarkImport, Collection, Content
from collections_app.models.imports import Problem
from notifications.services import notify
from transactions import atomically, lock_keys

MOST_LINKS = 20_000
BATCH = 100
# A worker that is told to stop ends within this, and others' tasks wait no longer.
TURN_SECONDS = 2
# How many times as long as a batch took an import rests behind it: whoever reads and writes pages
# meanwhile comes first, and on SQLite waits for what writes.
REST = 9
LOST_AFTER = timedelta(minutes=10)
KEPT, PRUNED_AT_ONCE = timedelta(days=1), 500
PROGRESS = "task_progress"
LONGEST = {name: Content._meta.get_field(name).max_length for name in ("title", "description")}
# No text of a form may hold these, and no database or feed takes all of them.
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


def start(*, person, file_name, data):
    """Queue the bookmarks of a file (bytes) and return the BookmarkImport.

    Raises ValidationError for a file without bookmarks or with too many, and while another import
    of `person` is under way.
    """
    try:
        found = bookmarks.read(bookmarks.decode(data), most=MOST_LINKS)
    except bookmarks.TooManyError:
        text = _("At most %(most)d bookmarks and as many folders can be imported at once.")
        raise ValidationError(text % {"most": MOST_LINKS}, code="many")
    if not found.links:
        raise ValidationError(_("This file holds no bookmarks."), code="empty")
    work = BookmarkImport(
        person=person,
        file_name=_one_line(file_name)[:255],
        folders=_folders(found),
        links=[_as_list(link) for link in found.links],
        total=len(found.links),
    )
    return _queue(work)


@transaction.atomic
def _queue(work):
    try:
        with transaction.atomic():
            work.save()
    except IntegrityError:  # one at a time
        raise ValidationError(_("Your last import is still under way."))
    _tell(work)
    import_bookmarks.enqueue(work.pk)
    return work


def _folders(found):
    """Return [name, description, None] of each folder: the collection is not known yet."""
    folders = []
    for folder in found.folders:
        name = _one_line(folder.name)[:64].strip() or _("Imported bookmarks")
        # Here, where somebody reads: the task that adds the links knows no language.
        description = _lines(folder.description)[:256].strip()
        folders.append([name, description or _("Imported from a file of bookmarks."), None])
    return folders


def _as_list(link):
    texts = [_clean(link.url), _one_line(link.title), _lines(link.description)]
    return [link.folder, *texts, link.added, link.line]


def _one_line(text):
    """Return `text` without line breaks, and what they are indented by; other spaces stay."""
    return " ".join(filter(None, map(str.strip, CONTROL.split(text))))


def _lines(text):
    return "\n".join(map(_clean, text.splitlines())).strip()


def _clean(text):
    return CONTROL.sub(" ", text).strip()


def advance(pk, *, seconds=TURN_SECONDS):
    """Add links for about that long; return whether there are some left to do."""
    work = BookmarkImport.objects.unfinished().select_related("person").filter(pk=pk).first()
    until = time.monotonic() + seconds
    while work is not None and not work.is_finished:
        if time.monotonic() > until:
            return True
        began = time.monotonic()
        work = _add_batch(work)
        time.sleep(min(REST * (time.monotonic() - began), 1))
    return False


def hold(person):
    """Wait for what is just being added for `person`, and let nothing more be until commit.

    Whoever deletes them would miss it: a lock of the person does not keep links from being added.
    """
    lock_keys(person.bookmark_imports.unfinished())


@atomically
def _add_batch(work):
    """Add the next links; return the import as it is then, or None when somebody deleted it."""
    row = BookmarkImport.objects.select_for_update().defer("links").filter(pk=work.pk).first()
    if row is None or row.is_finished:
        return row
    row.links, row.person = work.links, work.person
    part = row.links[row.done : row.done + BATCH]
    for folder in sorted({link[0] for link in part}):
        _add_to_folder(row, folder, [link for link in part if link[0] == folder])
    row.done += len(part)
    row.touched_at = timezone.now()
    fields = ["done", "added", "duplicates", "problems", "folders", "touched_at"]
    if row.done == row.total:
        row.finished_at, row.links, row.folders = row.touched_at, [], []
        fields += ["finished_at", "links"]
    row.save(update_fields=fields)
    _tell(row)
    return row


def _add_to_folder(work, folder, links):
    new = {}
    for _folder, url, title, description, added, line in links:
        host = host_of(url)
        link = Content(
            url=url, host=host, title=title or host or url[:128], description=description
        )
        link.created_at = _moment(added)
        problem = _problem(link)
        if problem:
            work.problems.append([line, (title or url)[:200], problem])
        is_good = problem in (None, Problem.SHORTENED)
        if is_good:
            link.url_key = url_key(url)
            work.duplicates += new.setdefault(link.url_key, link) is not link
    if new:
        _insert(work, folder, new)


def _problem(link):
    """Return why `link` cannot be added as it is, or None; texts that are too long are cut."""
    if not link.url:
        return Problem.NO_ADDRESS
    if len(link.url) > Content._meta.get_field("url").max_length:
        return Problem.TOO_LONG
    try:
        validate_link(link.url)
    except ValidationError as error:
        return error.code if error.code in Problem.values else Problem.REFUSED
    problem = None
    for name, longest in LONGEST.items():
        if len(getattr(link, name)) > longest:
            problem = Problem.SHORTENED
            setattr(link, name, f"{getattr(link, name)[: longest - 1]}…")
    return problem


def _insert(work, folder, new):
    """Add the links `new`, by their keys, to the collection of their folder but what it has."""
    collection = _collection(work, folder, new)
    there = Content.objects.filter(collection=collection, url_key__in=new)
    there = set(there.values_list("url_key", flat=True))
    rows = [link for key, link in new.items() if key not in there]
    for row in rows:
        row.collection = collection
    Content.objects.bulk_create(rows)
    newest = max((row.created_at for row in rows), default=collection.last_added_at)
    Collection.objects.filter(pk=collection.pk).update(
        last_added_at=Greatest(F("last_added_at"), newest)
    )
    publishing.publish_links(rows)
    work.added += len(rows)
    work.duplicates += len(there)


def _collection(work, folder, new):
    """Return the collection of a folder, locked as by whoever else adds to it, and remember it."""
    name, description, pk = work.folders[folder]
    own = work.person.collections.select_for_update().filter(hidden_at=None)
    collection = own.filter(pk=pk or _matching(work, own.filter(name=name), new)).first()
    if collection is None:
        collection = services.create_collection(
            author=work.person, name=name, description=description
        )
    work.folders[folder][2] = collection.pk
    return collection


def _matching(work, collections, new):
    """Return the key of that of `collections` which has most of the links `new`, None for none.

    No other folder's: two of one name stay two.
    """
    taken = [pk for _name, _description, pk in work.folders if pk]
    free = list(collections.exclude(pk__in=taken).order_by("id").values_list("pk", flat=True))
    if len(free) < 2:
        return next(iter(free), None)
    there = Content.objects.filter(collection__in=free, url_key__in=new)
    counts = there.values_list("collection").annotate(Count("pk"))
    found = dict(counts)
    return max(free, key=lambda pk: found.get(pk, 0))


def _moment(seconds):
    """Return when a link was added, as its file says; now where it says nothing or nonsense."""
    now = timezone.now()
    try:
        moment = datetime.fromtimestamp(seconds or 0, tz=UTC)
    except (OverflowError, OSError, ValueError):
        return now
    return moment if OLDEST < moment < now else now


@task()
def import_bookmarks(pk):
    """Add some links of the import `pk`, and queue the rest behind what others wait for.

    Safe to run again, and twice at once: what is done is in the row.
    """
    if advance(pk):
        import_bookmarks.enqueue(pk)


def _tell(work):
    progress = {"import": work.pk, "done": work.done, "total": work.total}
    notify(work.person, PROGRESS, progress)


def prune_results(now=None):
    """Delete some results of tasks that succeeded a day ago; return how many.

    Each turn of an import leaves one, and nobody reads it. What failed is kept for staff to see.
    """
    old = DBTaskResult.objects.successful().filter(finished_at__lt=(now or timezone.now()) - KEPT)
    keys = list(old.order_by("finished_at").values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    return DBTaskResult.objects.filter(pk__in=keys).delete()[0]


def requeue_lost(now=None):
    """Queue again what has not moved for ten minutes: its worker is gone. Return how many."""
    before = (now or timezone.now()) - LOST_AFTER
    lost = BookmarkImport.objects.unfinished().filter(touched_at__lt=before)
    count = 0
    for pk in list(lost.values_list("pk", flat=True)):
        with transaction.atomic():
            if lost.filter(pk=pk).update(touched_at=timezone.now()):
                import_bookmarks.enqueue(pk)
                count += 1
    return count

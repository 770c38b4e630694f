"""What can be done to collections and links; each is one transaction.

What is gone already, or was done already, is answered with None or False and told to nobody.
`by` and `reason` are given when staff act on what is not theirs: that leaves a log entry.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Block
from accounts.services import lock_people
from accounts.staff import StaffAction, log_action, logged_together
from collections_app import publishing
from collections_app.links import url_key
from collections_app.models import Collection, Content, SavedLink, Saving, already_there
from previews.models import Picture
from previews.services import keep_picture
from transactions import atomically, lock_row, lock_rows

TEXTS = {Collection: ("name", "description"), Content: ("url", "title", "description", "image")}


@atomically
def create_collection(*, author, name, description, created_at=None):
    created_at = created_at or timezone.now()
    collection = Collection(
        author=author,
        name=name.strip(),
        description=description.strip(),
        created_at=created_at,
        last_added_at=created_at,
    )
    collection.clean_fields(exclude=["author"])
    collection.save()
    return collection


@atomically
def update_collection(*, collection, name, description, by=None, reason=""):
    """Save name and description; None when the collection is gone."""
    row = lock_row(collection)
    if row is None:
        return None
    old = _texts(row)
    row.name, row.description = name.strip(), description.strip()
    row.clean_fields(exclude=["author"])
    row.save(update_fields=["name", "description"])
    changes = _changes(old, _texts(row))
    _log(row, by=by, reason=reason, action=StaffAction.EDITED, changes=changes)
    return row


@atomically
def add_link(*, collection, url, title, description="", picture=None, via=None, created_at=None):
    """Add a link; None when the collection is gone, ValidationError when it has that link.

    `picture` is the key of one of ours, "" where there is to be none, None where nobody looked;
    `via` is whose link it was saved from.
    """
    created_at = created_at or timezone.now()
    moved = Collection.objects.filter(pk=collection.pk).update(
        last_added_at=Greatest(F("last_added_at"), created_at)
    )
    if not moved:
        return None
    link = Content(collection=collection, created_at=created_at, via=via)
    _set_picture(link, picture)
    _save_link(link, url=url, title=title, description=description)
    return link


@atomically
def save_link(*, link, by, collection=None, name=""):
    """Copy somebody's link into a collection of `by`, a new one if there is only a `name`.

    Its author is told, and named with the copy, unless there is a block between the two. Returns
    None when link or collection is gone, raises ValidationError when the collection has the link.
    """
    # People go first, so that a block is there or not; it forgets what was saved before.
    lock_people(by, link.author)
    original = lock_row(link)
    if original is None:
        return None
    collection = collection or _collection_on_the_spot(by, name)
    author = original.author
    is_told = author != by and not Block.objects.between(by, author).exists()
    via = author if is_told else None
    copy = _copy(original, collection, via)
    if copy is not None and is_told:
        saved_link, _created = SavedLink.objects.get_or_create(link=original)
        Saving.objects.create(saved_link=saved_link, copy=copy, saver=by)
    return copy


@atomically
def move_link(*, link, by, collection=None, name=""):
    """Add a link of one's own to another collection, and remove it here; None when either is gone.

    There it is a new link, with an activity of its own. Raises ValidationError when it is there.
    """
    row = lock_row(link)
    if row is None:
        return None
    moved = _copy(row, collection or _collection_on_the_spot(by, name), row.via)
    if moved is not None:
        row.delete()
    return moved


def _collection_on_the_spot(author, name):
    """Return the collection of that name that `author` has and everyone sees, or a new one.

    Who presses twice, or sends again what got no answer, has one of that name.
    """
    same = author.collections.filter(hidden_at=None, name=name.strip()).lately_added_to().first()
    return same or create_collection(author=author, name=name, description=_("Links that I saved."))


def _copy(link, collection, via):
    texts = {field: getattr(link, field) for field in ("url", "title", "description")}
    # "" says that nobody need look for a picture again.
    return add_link(collection=collection, picture=link.picture_id or "", via=via, **texts)


@atomically
def update_link(*, link, url, title, description, picture=None, by=None, reason=""):
    """Save a link in its place; None when it is gone.

    Without a word about the picture it keeps its own, unless it now leads elsewhere.
    """
    row = lock_row(link)
    if row is None:
        return None
    old = _texts(row)
    if picture is not None or url_key(url) != row.url_key:
        _set_picture(row, picture)
    fields = ["url", "url_key", "host", "title", "description", "picture", "previewed_at"]
    _save_link(row, url=url, title=title, description=description, update_fields=fields)
    changes = _changes(old, _texts(row))
    _log(row, by=by, reason=reason, action=StaffAction.EDITED, changes=changes)
    return row


@atomically
def set_picture(*, link, picture):
    """Give a link the picture that was found for it, if any; return whether it has one now.

    What its author said meanwhile stands.
    """
    row = lock_row(link)
    if row is None or row.picture_id or row.url_key != link.url_key:
        return False
    _set_picture(row, picture)
    if row.picture_id:
        row.save(update_fields=["picture", "previewed_at"])
    else:
        Content.objects.filter(pk=row.pk).update(previewed_at=row.previewed_at)
    return bool(row.picture_id)


@atomically
def delete(*, target, by=None, reason=""):
    """Delete a collection or a link; return whether it was still there."""
    row = lock_row(target)
    if row is None:
        return False
    changes = _changes(_texts(row), {})
    with logged_together():  # the entry names the row, so it is made before the deletion
        _log(row, by=by, reason=reason, action=StaffAction.DELETED, changes=changes)
        row.delete()
    return True


def delete_collection(*, collection, by=None, reason=""):
    return delete(target=collection, by=by, reason=reason)


def delete_link(*, link, by=None, reason=""):
    return delete(target=link, by=by, reason=reason)


@atomically
def delete_picture(*, picture, by, reason):
    """Delete a picture, whatever links show it; return whether it was still there."""
    for link in lock_rows(Content.objects.filter(picture=picture.pk)).values():
        link.picture = None
        link.save(update_fields=["picture"])
    deleted, _by_model = Picture.objects.filter(pk=picture.pk).only("pk").delete()
    if deleted:
        changes = {"source": [picture.source, ""]}
        log_action(
            by=by, target=picture, action=StaffAction.DELETED, reason=reason, changes=changes
        )
    return bool(deleted)


@atomically
def hide(*, target, by, reason):
    """Take a collection or a link out of sight and out of every feed."""
    row = lock_row(target)
    if row is None or row.is_hidden:
        return False
    publishing.withdraw(row)
    _show_or_hide(row, hidden_at=timezone.now(), hidden_reason=reason)
    changes = {"hidden_reason": ["", reason]}
    log_action(by=by, target=row, action=StaffAction.HIDDEN, reason=reason, changes=changes)
    return True


@atomically
def restore(*, target, by, reason):
    """Undo `hide`: back in every list, and in the feeds under the same activity ids.

    Raises PermissionDenied for a moderator's own: another one decides.
    """
    row = lock_row(target)
    if row is None or not row.is_hidden:
        return False
    if row.author == by and not by.is_superuser:
        raise PermissionDenied(_("This is your own: another moderator decides."))
    changes = {"hidden_reason": [row.hidden_reason, ""]}
    _show_or_hide(row, hidden_at=None, hidden_reason="")
    publishing.publish(row)
    log_action(by=by, target=row, action=StaffAction.RESTORED, reason=reason, changes=changes)
    return True


def _save_link(link, *, url, title, description, **how):
    link.url, link.title, link.description = url.strip(), title.strip(), description.strip()
    link.clean_fields(exclude=["collection"])
    try:
        link.save(**how)
    except IntegrityError as error:
        # Both databases name the columns, only one of them the constraint.
        if "url_key" in str(error):
            raise ValidationError({"url": already_there()})
        raise


def _set_picture(link, picture):
    link.picture_id = keep_picture(picture)
    link.previewed_at = None if picture is None else timezone.now()


def _show_or_hide(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)
    for field, value in fields.items():
        setattr(row, field, value)


def _log(row, *, by, reason, **entry):
    """Log an edit or deletion that staff give a reason for."""
    if by is not None and reason:
        log_action(by=by, target=row, reason=reason, **entry)


def _texts(row):
    """Return what readers see of a collection or a link, by field."""
    return {name: getattr(row, name) for name in TEXTS[type(row)]}


def _changes(old, new):
    return {name: [old[name], new.get(name, "")] for name in old if old[name] != new.get(name, "")}

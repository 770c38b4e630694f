"""Create, change and delete collections and links; each function is one transaction.

Return None or False, and publish nothing, if the row is gone or nothing changes. Staff who act on
rows of others pass `by` and `reason`, which are logged. `texts` are those of the model's
`text_fields`; a text that is not given is left as it is.
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
from collections_app.models import Collection, Content, SavedLink, Saving, duplicate_error
from previews.models import Picture
from previews.services import keep_picture
from transactions import atomically, lock_row, lock_rows


@atomically
def create_collection(*, author, created_at=None, **texts):
    created_at = created_at or timezone.now()
    collection = Collection(author=author, created_at=created_at, last_added_at=created_at)
    _set_texts(collection, texts)
    collection.clean_fields(exclude=["author"])
    collection.save()
    return collection


@atomically
def update_collection(*, collection, by=None, reason="", **texts):
    """Save the texts of a collection and return it, or None if it is gone."""
    row = lock_row(collection)
    if row is None:
        return None
    old = _logged_values(row)
    _set_texts(row, texts)
    row.clean_fields(exclude=["author"])
    row.save(update_fields=row.text_fields)
    changes = _changes(old, _logged_values(row))
    _log(row, by=by, reason=reason, action=StaffAction.EDITED, changes=changes)
    return row


@atomically
def add_link(*, collection, picture=None, via=None, created_at=None, **texts):
    """Add a link; return None if the collection is gone, raise ValidationError for a duplicate.

    `picture` is the key of a stored picture, "" for no picture, None if none was looked for; `via`
    is the person whose link was copied.
    """
    created_at = created_at or timezone.now()
    updated = Collection.objects.filter(pk=collection.pk).update(
        last_added_at=Greatest(F("last_added_at"), created_at)
    )
    if not updated:
        return None
    link = Content(collection=collection, created_at=created_at, via=via)
    _set_picture(link, picture)
    _save_link(link, texts)
    return link


@atomically
def save_link(*, link, by, collection=None, name=""):
    """Copy somebody's link into a collection of `by`, or into one that is called `name`.

    Unless there is a block between the two, its author is notified, and named as `via`. Returns
    None if the link or the collection is gone; raises ValidationError for a duplicate.
    """
    # Lock the people first: a block deletes the savings made before it, and prevents later ones.
    lock_people(by, link.author)
    original = lock_row(link)
    if original is None:
        return None
    collection = collection or _get_or_create_collection(by, name)
    author = original.author
    notifies_author = author != by and not Block.objects.between(by, author).exists()
    via = author if notifies_author else None
    copy = _copy(original, collection, via)
    if copy is not None and notifies_author:
        saved_link, _created = SavedLink.objects.get_or_create(link=original)
        Saving.objects.create(saved_link=saved_link, copy=copy, saver=by)
    return copy


@atomically
def move_link(*, link, by, collection=None, name=""):
    """Move a link to another of its author's collections; return None if either is gone.

    The result is a new link with an activity of its own. Raises ValidationError for a duplicate.
    """
    row = lock_row(link)
    if row is None:
        return None
    moved = _copy(row, collection or _get_or_create_collection(by, name), row.via)
    if moved is not None:
        row.delete()
    return moved


def _get_or_create_collection(author, name):
    """Return the visible collection of `author` with that name, or a new one.

    So a form that is sent twice creates only one.
    """
    same = author.collections.filter(hidden_at=None, name=name.strip()).recently_updated().first()
    return same or create_collection(author=author, name=name, description=_("Links that I saved."))


def _copy(link, collection, via):
    # "" says that there is no picture, so that nobody looks for it again.
    return add_link(collection=collection, picture=link.picture_id or "", via=via, **link.texts)


@atomically
def update_link(*, link, picture=None, by=None, reason="", **texts):
    """Save a link and return it, or None if it is gone.

    If `picture` is None, the link keeps its picture, unless its URL changes.
    """
    row = lock_row(link)
    if row is None:
        return None
    old = _logged_values(row)
    if picture is not None or url_key(texts.get("url", row.url)) != row.url_key:
        _set_picture(row, picture)
    fields = [*row.text_fields, "url_key", "host", "picture", "previewed_at"]
    _save_link(row, texts, update_fields=fields)
    changes = _changes(old, _logged_values(row))
    _log(row, by=by, reason=reason, action=StaffAction.EDITED, changes=changes)
    return row


@atomically
def set_picture(*, link, picture):
    """Save the picture that was found for a link, if any; return whether it has one now.

    Nothing changes if the author chose a picture, or changed the URL, in the meantime.
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
    """Delete a collection or a link; return whether it still existed."""
    row = lock_row(target)
    if row is None:
        return False
    changes = _changes(_logged_values(row), {})
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
    """Delete a picture, even if links show it; return whether it still existed."""
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
    """Hide a collection or a link, and remove it from every feed."""
    row = lock_row(target)
    if row is None or row.is_hidden:
        return False
    publishing.unpublish(row)
    _set_hidden(row, hidden_at=timezone.now(), hidden_reason=reason)
    changes = {"hidden_reason": ["", reason]}
    log_action(by=by, target=row, action=StaffAction.HIDDEN, reason=reason, changes=changes)
    return True


@atomically
def restore(*, target, by, reason):
    """Show a hidden collection or link again, in the feeds with the same activity ids.

    Raises PermissionDenied if it is the moderator's own: another moderator decides.
    """
    row = lock_row(target)
    if row is None or not row.is_hidden:
        return False
    if row.author == by and not by.is_superuser:
        raise PermissionDenied(_("This is your own: another moderator decides."))
    changes = {"hidden_reason": [row.hidden_reason, ""]}
    _set_hidden(row, hidden_at=None, hidden_reason="")
    publishing.republish(row)
    log_action(by=by, target=row, action=StaffAction.RESTORED, reason=reason, changes=changes)
    return True


def _set_texts(row, texts):
    """Assign texts without surrounding spaces."""
    if unknown := texts.keys() - set(row.text_fields):
        raise TypeError(f"{type(row).__name__} has no text {min(unknown)!r}.")
    for name, text in texts.items():
        setattr(row, name, text.strip())


def _save_link(link, texts, **options):
    _set_texts(link, texts)
    link.clean_fields(exclude=["collection"])
    try:
        link.save(**options)
    except IntegrityError as error:
        # Only PostgreSQL's message names the constraint; both name the columns.
        if "url_key" in str(error):
            raise ValidationError({"url": duplicate_error()})
        raise


def _set_picture(link, picture):
    link.picture_id = keep_picture(picture)
    link.previewed_at = None if picture is None else timezone.now()


def _set_hidden(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)
    for field, value in fields.items():
        setattr(row, field, value)


def _log(row, *, by, reason, **entry):
    """Log an edit or deletion by staff, which has a reason."""
    if by is not None and reason:
        log_action(by=by, target=row, reason=reason, **entry)


def _logged_values(row):
    return {name: getattr(row, name) for name in row.logged_fields}


def _changes(old, new):
    return {name: [old[name], new.get(name, "")] for name in old if old[name] != new.get(name, "")}

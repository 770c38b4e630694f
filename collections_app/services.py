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

from accounts.staff import Act, record_act, recorded_together
from accounts.transactions import atomically
from collections_app import publishing
from collections_app.models import Collection, Content, already_there

TEXTS = {Collection: ("name", "description"), Content: ("url", "title", "description")}


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
    row = locked(collection)
    if row is None:
        return None
    old = _texts(row)
    row.name, row.description = name.strip(), description.strip()
    row.clean_fields(exclude=["author"])
    row.save(update_fields=["name", "description"])
    _record(row, by=by, reason=reason, act=Act.EDITED, changes=_changes(old, _texts(row)))
    return row


@atomically
def add_link(*, collection, url, title, description="", created_at=None):
    """Add a link; None when the collection is gone, ValidationError when it has that link."""
    created_at = created_at or timezone.now()
    moved = Collection.objects.filter(pk=collection.pk).update(
        last_added_at=Greatest(F("last_added_at"), created_at)
    )
    if not moved:
        return None
    link = Content(collection=collection, created_at=created_at)
    _save_link(link, url=url, title=title, description=description)
    return link


@atomically
def update_link(*, link, url, title, description, by=None, reason=""):
    """Save a link in its place; None when it is gone."""
    row = locked(link)
    if row is None:
        return None
    old = _texts(row)
    fields = ["url", "url_key", "host", "title", "description"]
    _save_link(row, url=url, title=title, description=description, update_fields=fields)
    _record(row, by=by, reason=reason, act=Act.EDITED, changes=_changes(old, _texts(row)))
    return row


@atomically
def delete(*, thing, by=None, reason=""):
    """Delete a collection or a link; return whether it was still there."""
    row = locked(thing)
    if row is None:
        return False
    with recorded_together():  # said while it is there, written down when it is gone
        _record(row, by=by, reason=reason, act=Act.DELETED, changes=_changes(_texts(row), {}))
        row.delete()
    return True


def delete_collection(*, collection, by=None, reason=""):
    return delete(thing=collection, by=by, reason=reason)


def delete_link(*, link, by=None, reason=""):
    return delete(thing=link, by=by, reason=reason)


@atomically
def hide(*, thing, by, reason):
    """Take a collection or a link out of sight and out of every feed."""
    row = locked(thing)
    if row is None or row.is_hidden:
        return False
    publishing.withdraw(row)
    _show_or_hide(row, hidden_at=timezone.now(), hidden_reason=reason)
    changes = {"hidden_reason": ["", reason]}
    record_act(by=by, thing=row, act=Act.HIDDEN, reason=reason, changes=changes)
    return True


@atomically
def restore(*, thing, by, reason):
    """Undo `hide`: back in every list, and in the feeds under the same activity ids.

    Raises PermissionDenied for a moderator's own: another one decides.
    """
    row = locked(thing)
    if row is None or not row.is_hidden:
        return False
    if row.author == by and not by.is_superuser:
        raise PermissionDenied(_("This is your own: another moderator decides."))
    changes = {"hidden_reason": [row.hidden_reason, ""]}
    _show_or_hide(row, hidden_at=None, hidden_reason="")
    publishing.publish(row)
    record_act(by=by, thing=row, act=Act.RESTORED, reason=reason, changes=changes)
    return True


def locked(thing):
    """Return the row of `thing` as it is now, locked until commit, or None when it is gone."""
    return type(thing).objects.select_for_update().filter(pk=thing.pk).first()


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


def _show_or_hide(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)
    for field, value in fields.items():
        setattr(row, field, value)


def _record(row, *, by, reason, act, changes):
    if by is not None and reason:
        record_act(by=by, thing=row, act=act, reason=reason, changes=changes)


def _texts(row):
    """Return what readers see of a collection or a link, by field."""
    return {name: getattr(row, name) for name in TEXTS[type(row)]}


def _changes(old, new):
    return {name: [old[name], new.get(name, "")] for name in old if old[name] != new.get(name, "")}

"""Collections and links by key, if a person may use them; 404, or a 403 with the reason, if not."""

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from collections_app.models import Collection, Content

# Longer numbers exceed the integers of both databases.
MAX_KEY_DIGITS = 18

# Django's form views also accept PUT, and treat it as an empty form.
FORM_METHODS = ["get", "head", "post", "options"]


class MayAddMixin(PermissionRequiredMixin):
    """A view that needs `permission_required`; the 403 for others gives the reason."""

    def get_permission_denied_message(self):
        if not self.request.user.is_confirmed:
            return _("Confirm your e-mail address first: then you can add collections and links.")
        return _("Your account may not add collections or links.")


def may_moderate(user, model):
    """Return whether `user` may edit, hide and restore every row of `model`."""
    return user.has_perm(f"collections_app.moderate_{model._meta.model_name}")


def may_change(user, author, model):
    """Return whether `user`, its author or a moderator, may edit and delete a row of `model`."""
    is_own = user == author and user.has_perm(f"collections_app.change_{model._meta.model_name}")
    return is_own or may_moderate(user, model)


def collection_permissions(user, collection):
    """Return what `user` may do on the page of `collection`, for its template."""
    author = collection.author
    may_add = user == author and user.has_perm("collections_app.add_content")
    return {
        "may_add": may_add and not collection.is_hidden,
        "may_change": may_change(user, author, Collection),
        "may_moderate": may_moderate(user, Collection),
        "may_change_links": may_change(user, author, Content),
        "may_moderate_links": may_moderate(user, Content),
    }


def readable_links(user, collection):
    """Return the links of `collection`, hidden ones only for its author and moderators."""
    links = collection.contents.select_related("via").newest_first()
    return links if user == collection.author or may_moderate(user, Content) else links.not_hidden()


def parse_key(text):
    """Return the primary key written in a URL as `text`, or None if it cannot be one."""
    return int(text) if text.isdecimal() and len(text) <= MAX_KEY_DIGITS else None


def readable_collection(user, pk):
    """Return a collection that is public or the user's own; moderators get every collection."""
    collection = get_object_or_404(Collection.objects.with_link_count(), pk=pk)
    return _readable(user, collection)


def changeable_collection(user, pk):
    return _changeable(user, readable_collection(user, pk))


def moderated_collection(user, pk):
    return _moderated(user, readable_collection(user, pk))


def readable_link(user, pk):
    return _readable(
        user, get_object_or_404(Content.objects.select_related("collection__author"), pk=pk)
    )


def changeable_link(user, pk):
    return _changeable(user, readable_link(user, pk))


def savable_link(user, pk):
    """Return a link that everyone may see."""
    return get_object_or_404(Content.objects.visible().select_related("collection__author"), pk=pk)


def movable_link(user, pk):
    """Return a link of the user's own that everyone may see."""
    link = changeable_link(user, pk)
    if link.author != user or not link.activity_is_public:
        raise PermissionDenied(_("Only its author may move this, while everyone sees it."))
    return link


def moderated_link(user, pk):
    return _moderated(user, readable_link(user, pk))


def _readable(user, target):
    if target.activity_is_public or user == target.author or may_moderate(user, target):
        return target
    raise Http404


def _changeable(user, target):
    if may_change(user, target.author, target):
        return target
    raise PermissionDenied(_("Only its author or a moderator may change this."))


def _moderated(user, target):
    if may_moderate(user, target):
        return target
    raise PermissionDenied(_("Only moderators may hide and restore."))

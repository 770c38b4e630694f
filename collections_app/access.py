"""This collection, or this link, if this person may; 404 or a 403 that says why otherwise."""

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from collections_app.models import Collection, Content

# What both databases take for a key.
LONGEST_KEY = 18

# Django's form views also take PUT, and answer it as a form that was left empty.
FORM_METHODS = ["get", "head", "post", "options"]


class MayAddMixin(PermissionRequiredMixin):
    """A view for whoever has `permission_required`; a 403 that says why for others signed in."""

    def get_permission_denied_message(self):
        if not self.request.user.is_confirmed:
            return _("Confirm your e-mail address first: then you can add collections and links.")
        return _("Your account may not add collections or links.")


def moderates(user, model):
    """Whether `user` may edit, hide and restore anyone's things of `model`."""
    return user.has_perm(f"collections_app.moderate_{model._meta.model_name}")


def may_change(user, author, model):
    """Whether `user` may edit and delete what `author` made: the author, or a moderator."""
    own = user == author and user.has_perm(f"collections_app.change_{model._meta.model_name}")
    return own or moderates(user, model)


def rights(user, collection):
    """Return what the page of `collection` offers to `user`."""
    author = collection.author
    may_add = user == author and user.has_perm("collections_app.add_content")
    return {
        "may_add": may_add and not collection.is_hidden,
        "may_change": may_change(user, author, Collection),
        "may_moderate": moderates(user, Collection),
        "may_change_links": may_change(user, author, Content),
        "may_moderate_links": moderates(user, Content),
    }


def readable_links(user, collection):
    """Return the links of `collection`; hidden ones are there for its author and moderators."""
    links = collection.contents.select_related("via").newest_first()
    return links if user == collection.author or moderates(user, Content) else links.not_hidden()


def key_from(text):
    """Return the key that an address names as `text`, or None where no key can be that."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_KEY else None


def readable_collection(user, pk):
    """Return the collection where it is public, one's own, or oneself a moderator."""
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
    """Return the link where everyone may see it; Http404 otherwise."""
    return get_object_or_404(Content.objects.visible().select_related("collection__author"), pk=pk)


def own_link(user, pk):
    """Return a link that is one's own and that everyone may see; others are refused."""
    link = changeable_link(user, pk)
    if link.author != user or not link.activity_is_public:
        raise PermissionDenied(_("Only its author may move this, while everyone sees it."))
    return link


def moderated_link(user, pk):
    return _moderated(user, readable_link(user, pk))


def _readable(user, target):
    if target.activity_is_public or user == target.author or moderates(user, target):
        return target
    raise Http404


def _changeable(user, target):
    if may_change(user, target.author, target):
        return target
    raise PermissionDenied(_("Only its author or a moderator may change this."))


def _moderated(user, target):
    if moderates(user, target):
        return target
    raise PermissionDenied(_("Only moderators may hide and restore."))

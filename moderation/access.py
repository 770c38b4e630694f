"""Access to what a person may report or appeal against: Http404 or PermissionDenied otherwise."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from moderation.reportables import reportable_type


def reportable(user, kind_name, pk):
    """Return a target that `user` may report: they can see it and did not make it."""
    target_type = reportable_type(kind_name)
    target = target_type.find(user, pk)
    if target_type.author(target) == user:
        raise PermissionDenied(_("This is your own: there is nothing to report."))
    if target_type.can_be_hidden and target.is_hidden:
        raise PermissionDenied(_("This is hidden already."))
    return target


def own_hidden_target(user, kind_name, pk):
    """Return a hidden collection or link that `user` made; raise Http404 otherwise."""
    target_type = reportable_type(kind_name)
    if not target_type.can_be_hidden:
        raise Http404
    target = target_type.find(user, pk)
    if target_type.author(target) != user or not target.is_hidden:
        raise Http404
    return target

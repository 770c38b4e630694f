"""What this person may report or appeal against; 404 or a 403 that says why otherwise."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from moderation.things import kind_named


def reportable(user, kind_name, pk):
    """Return what `user` may report under this kind and key: what they see and is not theirs."""
    kind = kind_named(kind_name)
    target = kind.find(user, pk)
    if kind.author(target) == user:
        raise PermissionDenied(_("This is your own: there is nothing to report."))
    if kind.can_be_hidden and target.is_hidden:
        raise PermissionDenied(_("This is hidden already."))
    return target


def own_hidden_thing(user, kind_name, pk):
    """Return a hidden collection or link that `user` made; 404 for anybody else's."""
    kind = kind_named(kind_name)
    if not kind.can_be_hidden:
        raise Http404
    target = kind.find(user, pk)
    if kind.author(target) != user or not target.is_hidden:
        raise Http404
    return target

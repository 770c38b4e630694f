"""What this person may report or appeal against; 404 or a 403 that says why otherwise."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from moderation.things import kind_named


def reportable(user, kind_name, pk):
    """Return what `user` may report under this kind and key: what they see and is not theirs."""
    kind = kind_named(kind_name)
    thing = kind.find(user, pk)
    if kind.author(thing) == user:
        raise PermissionDenied(_("This is your own: there is nothing to report."))
    if kind.can_be_hidden and thing.is_hidden:
        raise PermissionDenied(_("This is hidden already."))
    return thing


def own_hidden_thing(user, kind_name, pk):
    """Return a hidden collection or link that `user` made; 404 for anybody else's."""
    kind = kind_named(kind_name)
    if not kind.can_be_hidden:
        raise Http404
    thing = kind.find(user, pk)
    if kind.author(thing) != user or not thing.is_hidden:
        raise Http404
    return thing

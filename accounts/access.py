"""Views' access to people: the person, or Http404, or PermissionDenied with a reason."""

from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import services


def visible_person(user, username):
    """Return the person called `username` if `user` may see them; raise Http404 otherwise."""
    person = get_object_or_404(get_user_model().objects.named(username))
    if may_see(user, person):
        return person
    raise Http404


def may_see(user, person):
    return person.is_visible or person == user or user.has_perm("accounts.suspend_user")


def blockable_person(user, username):
    """Return the person called `username` if `user` may block them; raise Http404 otherwise."""
    person = get_object_or_404(get_user_model().objects.named(username))
    if may_block(user, person):
        return person
    raise Http404


def may_block(user, person):
    """Return whether `user` may block and unblock `person`.

    People they may see, including staff; suspended people, because suspensions end; and people
    they have blocked, in whatever state.
    """
    if person == user:
        return False
    return may_see(user, person) or person.is_suspended or has_blocked(user, person)


def has_blocked(user, person):
    return user.blocks.filter(blocked=person).exists()


class SuspensionMixin(PermissionRequiredMixin):
    """A view of the person in the URL, for staff who may suspend them."""

    permission_required = "accounts.suspend_user"
    permission_denied_message = _("Only moderators may suspend people.")

    def dispatch(self, request, *args, **kwargs):
        if self.has_permission():
            services.check_may_suspend(by=request.user, person=self.person)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def person(self):
        return get_object_or_404(get_user_model().objects.named(self.kwargs["username"]))

    def get_context_data(self, **kwargs):
        return super().get_context_data(person=self.person, **kwargs)

    def get_success_url(self):
        return self.person.get_absolute_url()

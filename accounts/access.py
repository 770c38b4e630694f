"""This person, if this person may; 404 or a 403 that says why otherwise."""

from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import services


def visible_person(user, username):
    """Return whom `user` may see under `username`; Http404 otherwise."""
    person = get_object_or_404(get_user_model().objects.named(username))
    if person.is_visible or person == user or user.has_perm("accounts.suspend_user"):
        return person
    raise Http404


class SuspensionMixin(PermissionRequiredMixin):
    """A view on the person whom the address names, for whoever may suspend them."""

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

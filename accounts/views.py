from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import RedirectURLMixin, redirect_to_login
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, ListView, TemplateView, UpdateView, View

from accounts import access, services
from accounts.access import SuspensionMixin
from accounts.forms import DeleteAccountForm, ProfileForm, SuspendForm
from accounts.managers import may_find
from accounts.staff import ReasonForm


class DirectoryView(LoginRequiredMixin, ListView):
    """All visible people but the user and those with a block between them."""

    template_name = "accounts/user_list.html"
    context_object_name = "people"

    def get_queryset(self):
        user = self.request.user
        people = get_user_model().objects.visible().by_username()
        return people.filter(may_find(user)).exclude(pk=user.pk)

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE


class EditProfileView(LoginRequiredMixin, UpdateView):
    template_name = "accounts/profile_form.html"
    form_class = ProfileForm
    context_object_name = "person"

    def get_object(self):
        # Not request.user: an invalid form would change the name in the page's navigation.
        return get_user_model().objects.get(pk=self.request.user.pk)

    def form_valid(self, form):
        messages.success(self.request, _("Your profile has been updated."))
        return super().form_valid(form)


@method_decorator(reauthentication_required, name="dispatch")
class DeleteAccountView(LoginRequiredMixin, FormView):
    """Ask for the password, then for the username, and delete the account."""

    http_method_names = ["get", "head", "post", "options"]
    template_name = "accounts/delete_form.html"
    form_class = DeleteAccountForm
    success_url = reverse_lazy("home")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "person": self.request.user}

    def form_valid(self, form):
        person = get_user_model().objects.get(pk=self.request.user.pk)
        services.check_may_leave(person)
        services.delete_person(person)
        logout(self.request)
        messages.success(self.request, _("Your account and all that was yours are gone."))
        return super().form_valid(form)


class SuspensionFormView(SuspensionMixin, FormView):
    """A form that changes the suspension of the person in the URL by the service `change`."""

    def form_valid(self, form):
        self.change(person=self.person, by=self.request.user, **form.cleaned_data)
        text = self.success_message % {"name": self.person.display_name}
        messages.success(self.request, text)
        return super().form_valid(form)


class SuspendView(SuspensionFormView):
    template_name = "accounts/suspend_form.html"
    form_class = SuspendForm
    change = staticmethod(services.suspend)
    success_message = gettext_lazy("%(name)s is suspended.")


class UnsuspendView(SuspensionFormView):
    template_name = "accounts/lift_form.html"
    form_class = ReasonForm
    change = staticmethod(services.unsuspend)
    success_message = gettext_lazy("%(name)s is no longer suspended.")


class BlockChangeView(LoginRequiredMixin, RedirectURLMixin):
    """Block or unblock the person in the URL, and return to the page `next`."""

    @cached_property
    def person(self):
        return access.blockable_person(self.request.user, self.kwargs["username"])

    @cached_property
    def name(self):
        """Return the person's display name, or the username if `user` may not see them."""
        may_see = access.may_see(self.request.user, self.person)
        return self.person.display_name if may_see else self.person.username

    def post(self, request, *args, **kwargs):
        try:
            self.change(blocker=request.user, blocked=self.person)
        except get_user_model().DoesNotExist:
            raise Http404
        messages.success(request, self.success_message % {"name": self.name})
        return HttpResponseRedirect(self.get_success_url())

    def get_default_redirect_url(self):
        if access.may_see(self.request.user, self.person):
            return self.person.get_absolute_url()
        return reverse("accounts:blocks")


class BlockView(BlockChangeView, TemplateView):
    """Explain what blocking does, and block."""

    http_method_names = ["get", "head", "post", "options"]
    template_name = "accounts/block_form.html"
    change = staticmethod(services.block)
    success_message = gettext_lazy("You have blocked %(name)s.")

    def get_context_data(self, **kwargs):
        back = {"next": self.get_redirect_url(), "cancel": self.get_success_url()}
        return super().get_context_data(person=self.person, name=self.name, **back, **kwargs)


class UnblockView(BlockChangeView, View):
    http_method_names = ["post", "options"]
    change = staticmethod(services.unblock)
    success_message = gettext_lazy("You no longer block %(name)s.")

    def dispatch(self, request, *args, **kwargs):
        if request.method != "POST":  # before the login redirect, which would come back by GET
            return View.dispatch(self, request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def handle_no_permission(self):
        return redirect_to_login(reverse("profile", args=[self.kwargs["username"]]))


class BlocksView(LoginRequiredMixin, ListView):
    """The people the user has blocked, latest first."""

    template_name = "accounts/block_list.html"
    context_object_name = "blocks"

    def get_queryset(self):
        return self.request.user.blocks.newest_first().select_related("blocked")

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE

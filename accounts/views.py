from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import LoginRequiredMixin
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView, UpdateView

from accounts import services
from accounts.access import SuspensionMixin
from accounts.forms import ProfileForm, SuspendForm
from accounts.models import Block
from accounts.staff import ReasonForm


class DirectoryView(LoginRequiredMixin, ListView):
    """Everyone but oneself, and who has a block with oneself."""

    template_name = "accounts/user_list.html"
    context_object_name = "people"

    def get_queryset(self):
        people = get_user_model().objects.visible().by_username()
        barred = Block.objects.people_of(self.request.user)
        return people.exclude(pk__in={self.request.user.pk, *barred})

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE


class EditProfileView(LoginRequiredMixin, UpdateView):
    template_name = "accounts/profile_form.html"
    form_class = ProfileForm
    context_object_name = "person"

    def get_object(self):
        # Not request.user: a refused form would show its text as one's name all over the page.
        return get_user_model().objects.get(pk=self.request.user.pk)

    def form_valid(self, form):
        messages.success(self.request, _("Your profile has been updated."))
        return super().form_valid(form)


class SuspendView(SuspensionMixin, FormView):
    template_name = "accounts/suspend_form.html"
    form_class = SuspendForm

    def form_valid(self, form):
        services.suspend(person=self.person, by=self.request.user, **form.cleaned_data)
        text = _("%(name)s is suspended.") % {"name": self.person.display_name}
        messages.success(self.request, text)
        return super().form_valid(form)


class LiftView(SuspensionMixin, FormView):
    template_name = "accounts/lift_form.html"
    form_class = ReasonForm

    def form_valid(self, form):
        services.lift(person=self.person, by=self.request.user, **form.cleaned_data)
        text = _("%(name)s is no longer suspended.") % {"name": self.person.display_name}
        messages.success(self.request, text)
        return super().form_valid(form)

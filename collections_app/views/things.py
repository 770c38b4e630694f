"""What the forms about one collection and those about one link have in common."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404
from django.utils.translation import ngettext
from django.views.generic import FormView
from django_ratelimit.core import get_usage

from accounts.staff import ReasonForm
from collections_app import services
from collections_app.access import FORM_METHODS


class ThingView(LoginRequiredMixin, FormView):
    """A form about what the address names; `find(user, pk)` returns it or refuses."""

    http_method_names = FORM_METHODS

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            self.thing = type(self).find(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(thing=self.thing, **kwargs)


class DeleteView(ThingView):
    """Ask before deleting; of whoever is not the author also why."""

    def get_form_class(self):
        return forms.Form if self.thing.author == self.request.user else ReasonForm

    def form_valid(self, form):
        if not services.delete(thing=self.thing, by=self.request.user, **form.cleaned_data):
            raise Http404
        messages.success(self.request, self.success_message)
        return super().form_valid(form)


class LinksPerHourMixin:
    """A form that adds a link, however: so many an hour, all counted together."""

    def form_valid(self, form):
        rate = f"{settings.LINKS_PER_HOUR}/h"
        usage = get_usage(self.request, group="add_link", key="user", rate=rate, increment=True)
        if usage and usage["should_limit"]:
            return self.too_many(form, max(usage["time_left"], 1))
        return super().form_valid(form)

    def too_many(self, form, seconds):
        """Answer 429 with the form as it was typed."""
        minutes = -(-seconds // 60)
        text = ngettext(
            "You have added very many links within an hour. Try again in %(minutes)d minute.",
            "You have added very many links within an hour. Try again in %(minutes)d minutes.",
            minutes,
        )
        form.add_error(None, text % {"minutes": minutes})
        context = self.get_context_data(form=form)
        headers = {"Retry-After": str(seconds)}
        return self.render_to_response(context, status=429, headers=headers)

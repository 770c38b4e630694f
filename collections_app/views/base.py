"""Base classes of the forms about one collection or one link."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404
from django.utils.translation import ngettext
from django.views.generic import FormView

from accounts.staff import ReasonForm
from collections_app import services
from collections_app.access import FORM_METHODS
from rate_limits.limits import LimitExceeded, RateLimit, count_use
from rate_limits.views import LimitedFormMixin


class TargetFormView(LoginRequiredMixin, FormView):
    """A form about the row that the URL names; `get_target(user, pk)` returns it or refuses."""

    http_method_names = FORM_METHODS

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            self.target = type(self).get_target(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(target=self.target, **kwargs)


class DeleteView(TargetFormView):
    """A confirmation before deleting; people other than the author give a reason."""

    def get_form_class(self):
        return forms.Form if self.target.author == self.request.user else ReasonForm

    def form_valid(self, form):
        if not services.delete(target=self.target, by=self.request.user, **form.cleaned_data):
            raise Http404
        messages.success(self.request, self.success_message)
        return super().form_valid(form)


class LinksPerHourMixin(LimitedFormMixin):
    """A form that adds a link; all such forms share one limit per hour."""

    def form_valid(self, form):
        try:
            count_use(self.request, RateLimit("add_link", f"{settings.LINKS_PER_HOUR}/h"))
        except LimitExceeded as exceeded:
            return self.too_many_requests(form, exceeded)
        return super().form_valid(form)

    def limit_message(self, exceeded):
        text = ngettext(
            "You have added very many links within an hour. Try again in %(minutes)d minute.",
            "You have added very many links within an hour. Try again in %(minutes)d minutes.",
            exceeded.minutes,
        )
        return text % {"minutes": exceeded.minutes}

"""Pages of single links."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import CreateView, UpdateView
from django_ratelimit.core import get_usage

from collections_app import access
from collections_app.forms import AddLinkForm, LinkForm
from collections_app.models import Content
from collections_app.views.things import DeleteView


class LinkFormMixin:
    http_method_names = access.FORM_METHODS
    model = Content
    template_name = "collections/link_form.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user}

    def form_valid(self, form):
        """Save; what only the database could refuse is a form error like any other."""
        try:
            link = form.save()
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        if link is None:
            raise Http404
        messages.success(self.request, self.success_message)
        return HttpResponseRedirect(link.collection.get_absolute_url())


class AddLinkView(access.MayAddMixin, LinkFormMixin, CreateView):
    permission_required = "collections_app.add_content"
    form_class = AddLinkForm
    success_message = gettext_lazy("Your link has been added.")

    def get_initial(self):
        return {"collection": self.request.GET.get("collection")}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        choices = context["form"].fields["collection"].queryset
        return {**context, "has_collection": bool(choices)}

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


class EditLinkView(LoginRequiredMixin, LinkFormMixin, UpdateView):
    form_class = LinkForm
    success_message = gettext_lazy("The link has been updated.")

    def get_object(self):
        return access.changeable_link(self.request.user, self.kwargs["pk"])


class DeleteLinkView(DeleteView):
    template_name = "collections/link_confirm_delete.html"
    find = access.changeable_link
    success_message = gettext_lazy("The link has been deleted.")

    def get_success_url(self):
        return self.thing.collection.get_absolute_url()

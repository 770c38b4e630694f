"""Pages to copy a link to a collection, or to move it to another."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from collections_app import access
from collections_app.forms import MoveLinkForm, SaveLinkForm
from collections_app.views.base import LinksPerHourMixin


class ChooseCollectionView(access.MayAddMixin, FormView):
    """A form that asks for a collection for the link that the URL names."""

    http_method_names = access.FORM_METHODS
    permission_required = "collections_app.add_content"
    template_name = "collections/save_form.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user, "link": self.link}

    def get_context_data(self, **kwargs):
        kwargs |= {"link": self.link, "heading": self.heading, "button": self.button}
        return super().get_context_data(**kwargs)

    def form_valid(self, form):
        try:
            link = form.save()
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self.form_invalid(form)
        if link is None:
            raise Http404
        # sheet.js shows the response over the current page.
        if self.request.headers.get("X-Requested-With") == "sheet":
            return render(self.request, "collections/saved.html", {"link": link}, status=201)
        messages.success(self.request, self.success_message % {"name": link.collection.name})
        return HttpResponseRedirect(link.get_absolute_url())


class SaveLinkView(LinksPerHourMixin, ChooseCollectionView):
    """Copy the link that `?from=` names to one of the person's collections."""

    form_class = SaveLinkForm
    heading = gettext_lazy("Save to…")
    button = gettext_lazy("Save")
    success_message = gettext_lazy("Saved to %(name)s.")

    @cached_property
    def link(self):
        key = access.parse_key(self.request.GET.get("from", ""))
        return access.savable_link(self.request.user, key)


class MoveLinkView(LinksPerHourMixin, ChooseCollectionView):
    """Move a link to another of its author's collections."""

    form_class = MoveLinkForm
    heading = gettext_lazy("Move to…")
    button = gettext_lazy("Move")
    success_message = gettext_lazy("Moved to %(name)s.")

    @cached_property
    def link(self):
        return access.movable_link(self.request.user, self.kwargs["pk"])

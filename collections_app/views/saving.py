"""Pages on which a link goes to another collection: copied from somebody's, or moved."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from collections_app import access
from collections_app.forms import MoveLinkForm, SaveLinkForm
from collections_app.views.things import LinksPerHourMixin


class ChooseCollectionView(access.MayAddMixin, FormView):
    """Ask for a collection for the link that the address names."""

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
        # sheet.js shows it over the page that one is on.
        if self.request.headers.get("X-Requested-With") == "sheet":
            return render(self.request, "collections/saved.html", {"link": link}, status=201)
        messages.success(self.request, self.success_message % {"name": link.collection.name})
        return HttpResponseRedirect(link.get_absolute_url())


class SaveLinkView(LinksPerHourMixin, ChooseCollectionView):
    """Copy the link that `?from=` names to a collection of one's own."""

    form_class = SaveLinkForm
    heading = gettext_lazy("Save to…")
    button = gettext_lazy("Save")
    success_message = gettext_lazy("Saved to %(name)s.")

    @cached_property
    def link(self):
        key = access.key_from(self.request.GET.get("from", ""))
        return access.savable_link(self.request.user, key)


class MoveLinkView(LinksPerHourMixin, ChooseCollectionView):
    """Take a link of one's own to another of one's collections."""

    form_class = MoveLinkForm
    heading = gettext_lazy("Move to…")
    button = gettext_lazy("Move")
    success_message = gettext_lazy("Moved to %(name)s.")

    @cached_property
    def link(self):
        return access.own_link(self.request.user, self.kwargs["pk"])

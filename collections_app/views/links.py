"""Pages of single links."""

from dataclasses import asdict

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import CreateView, UpdateView, View

from collections_app import access
from collections_app.forms import AddLinkForm, LinkForm, PreviewForm
from collections_app.link_previews import preview
from collections_app.models import Content
from collections_app.views.saving import SaveLinkView
from collections_app.views.things import DeleteView, LinksPerHourMixin
from rate_limits.limits import LimitExceeded, RateLimit, count_use


class LinkFormMixin:
    http_method_names = access.FORM_METHODS
    model = Content
    template_name = "collections/link_form.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user}

    def get_context_data(self, **kwargs):
        may_add = self.request.user.has_perm("collections_app.add_content")
        return super().get_context_data(may_preview=settings.LINK_PREVIEWS and may_add, **kwargs)

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


class AddLinkView(LinksPerHourMixin, access.MayAddMixin, LinkFormMixin, CreateView):
    permission_required = "collections_app.add_content"
    form_class = AddLinkForm
    success_message = gettext_lazy("Your link has been added.")

    def get_initial(self):
        """Return what the address brings along, as that of a bookmarklet does."""
        names = ("collection", "url", "title")
        return {name: self.request.GET.get(name, "").replace("\x00", "") for name in names}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        choices = context["form"].fields["collection"].queryset
        return {**context, "has_collection": bool(choices)}

    def form_invalid(self, form):
        """Fill in the title if that is all that is missing: who has no script comes here for it."""
        is_empty = set(form.errors) == {"title"} and not form["title"].value()
        if is_empty and settings.LINK_PREVIEWS and (filled := self.filled_in(form)):
            note = _("Filled in from the page. Change what you like, then add the link.")
            return self.render_to_response(self.get_context_data(form=filled, note=note))
        return super().form_invalid(form)

    def filled_in(self, form):
        """Return a form with the texts of the page; None if it has no title or cannot be read."""
        try:
            count_preview(self.request)
        except LimitExceeded:
            return None
        found, typed = preview(form.cleaned_data["url"]), form.cleaned_data
        texts = {"title": found.title, "description": typed["description"] or found.description}
        initial = {**typed, **texts, "picture": found.picture}
        return AddLinkForm(initial=initial, by=self.request.user) if found.title else None


def add_link(request):
    """Add a link by a form, or with `?from=` copy one that is somewhere already."""
    view = SaveLinkView if "from" in request.GET else AddLinkView
    return view.as_view()(request)


def count_preview(request):
    """Count a preview that the signed-in person requests; raise LimitExceeded beyond the limit."""
    count_use(request, RateLimit("preview_link", f"{settings.PREVIEWS_PER_HOUR}/h"))


class PreviewView(access.MayAddMixin, View):
    """What the page of a link says about itself, as JSON for the form that is open."""

    is_background = True
    permission_required = "collections_app.add_content"

    def post(self, request):
        form = PreviewForm(request.POST)
        if not form.is_valid():
            return JsonResponse({"errors": form.errors}, status=422)
        try:
            count_preview(request)
        except LimitExceeded as exceeded:
            return JsonResponse({}, status=429, headers={"Retry-After": str(exceeded.seconds)})
        found = preview(form.cleaned_data["url"])
        return JsonResponse({**asdict(found), "picture": found.picture or ""})


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
        return self.target.collection.get_absolute_url()

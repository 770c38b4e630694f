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
from collections_app.views.base import DeleteView, LinksPerHourMixin
from collections_app.views.saving import SaveLinkView
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
        """Save the link; a duplicate that only the database noticed is a form error as well."""
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
        """Return the values in the query string, which a bookmarklet sets."""
        names = ("collection", "url", "title")
        return {name: self.request.GET.get(name, "").replace("\x00", "") for name in names}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        choices = context["form"].fields["collection"].queryset
        return {**context, "has_collection": bool(choices)}

    def form_invalid(self, form):
        """Fill in the title if only that is missing: browsers without scripts rely on it.

        If the page has none, the link is added with its host and path as the title.
        """
        if not settings.LINK_PREVIEWS or not form.lacks_only_title:
            return super().form_invalid(form)
        if filled := self.fill_from_page(form):
            note = _("Filled in from the page. Change what you like, then add the link.")
            return self.render_to_response(self.get_context_data(form=filled, note=note))
        named = form.with_title_of_url()
        return self.form_valid(named) if named.is_valid() else super().form_invalid(named)

    def fill_from_page(self, form):
        """Return a form with the texts of the page, or None if no title can be read."""
        try:
            count_preview(self.request)
        except LimitExceeded:
            return None
        page, typed = preview(form.cleaned_data["url"]), form.cleaned_data
        texts = {"title": page.title, "description": typed["description"] or page.description}
        initial = {**typed, **texts, "picture": page.picture}
        return AddLinkForm(initial=initial, by=self.request.user) if page.title else None


def add_link(request):
    """Add a link with a form, or copy the link that `?from=` names."""
    view = SaveLinkView if "from" in request.GET else AddLinkView
    return view.as_view()(request)


def count_preview(request):
    """Count a preview by the signed-in person; raise LimitExceeded beyond the limit."""
    count_use(request, RateLimit("preview_link", f"{settings.PREVIEWS_PER_HOUR}/h"))


class PreviewView(access.MayAddMixin, View):
    """The preview of a link as JSON, for the open form."""

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
        page = preview(form.cleaned_data["url"])
        return JsonResponse({**asdict(page), "picture": page.picture or ""})


class EditLinkView(LoginRequiredMixin, LinkFormMixin, UpdateView):
    form_class = LinkForm
    success_message = gettext_lazy("The link has been updated.")

    def get_object(self):
        return access.changeable_link(self.request.user, self.kwargs["pk"])


class DeleteLinkView(DeleteView):
    template_name = "collections/link_confirm_delete.html"
    get_target = access.changeable_link
    success_message = gettext_lazy("The link has been deleted.")

    def get_success_url(self):
        return self.target.collection.get_absolute_url()

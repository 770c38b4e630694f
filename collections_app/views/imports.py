"""Pages on which one imports a file of bookmarks, and sees what became of it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import FormView, ListView

from collections_app import access
from collections_app.forms import ImportForm
from collections_app.models.imports import Problem
from rate_limits.limits import RateLimit, count_use

SHOWN = 10
# Files that one may have read, whether or not they are imported then.
RATE = "20/h"


class ImportView(access.MayAddMixin, FormView):
    """The form, and one's last imports."""

    http_method_names = access.FORM_METHODS
    permission_required = ("collections_app.add_collection", "collections_app.add_content")
    form_class = ImportForm
    template_name = "collections/import_form.html"

    def get_context_data(self, **kwargs):
        imports = self.request.user.bookmark_imports.defer("links", "folders", "problems")
        return super().get_context_data(imports=imports.newest_first()[:SHOWN], **kwargs)

    def form_valid(self, form):
        count_use(self.request, RateLimit("import", RATE))
        try:
            work = form.save(person=self.request.user)
        except ValidationError as error:
            form.add_error("file", error)
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse("collections:import_detail", args=[work.pk]))


class ImportDetailView(access.MayAddMixin, ListView):
    """How far one of one's imports is, and the lines that were not added, numbered."""

    permission_required = "collections_app.add_content"
    template_name = "collections/import_detail.html"
    context_object_name = "problems"

    @cached_property
    def work(self):
        own = self.request.user.bookmark_imports.defer("links", "folders")
        return get_object_or_404(own, pk=self.kwargs["pk"])

    def get_queryset(self):
        return [
            {"line": line, "text": text, "reason": Problem(reason).label}
            for line, text, reason in self.work.problems
        ]

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE

    def get_context_data(self, **kwargs):
        return super().get_context_data(work=self.work, **kwargs)

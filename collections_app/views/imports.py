"""Pages to import a bookmark file and to follow its progress."""

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

PREVIEW_COUNT = 10
# Files that a person may upload, imported or not.
UPLOAD_RATE = "20/h"


class ImportView(access.MayAddMixin, FormView):
    """The form, and the person's last imports."""

    http_method_names = access.FORM_METHODS
    permission_required = ("collections_app.add_collection", "collections_app.add_content")
    form_class = ImportForm
    template_name = "collections/import_form.html"

    def get_context_data(self, **kwargs):
        imports = self.request.user.bookmark_imports.defer("links", "folders", "problems")
        return super().get_context_data(imports=imports.newest_first()[:PREVIEW_COUNT], **kwargs)

    def form_valid(self, form):
        count_use(self.request, RateLimit("import", UPLOAD_RATE))
        try:
            bookmark_import = form.save(person=self.request.user)
        except ValidationError as error:
            form.add_error("file", error)
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse("collections:import_detail", args=[bookmark_import.pk]))


class ImportDetailView(access.MayAddMixin, ListView):
    """The progress of an import, and the lines that were not added, in pages."""

    permission_required = "collections_app.add_content"
    template_name = "collections/import_detail.html"
    context_object_name = "problems"

    @cached_property
    def bookmark_import(self):
        own = self.request.user.bookmark_imports.defer("links", "folders")
        return get_object_or_404(own, pk=self.kwargs["pk"])

    def get_queryset(self):
        return [
            {"line": line, "text": text, "reason": Problem(reason).label}
            for line, text, reason in self.bookmark_import.problems
        ]

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE

    def get_context_data(self, **kwargs):
        return super().get_context_data(bookmark_import=self.bookmark_import, **kwargs)

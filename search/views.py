from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import ListView

from collections_app.models import Collection, Content
from search.finding import MAX_RESULTS, find
from search.limits import count_search
from search.words import Query

LABELS = {
    "people": gettext_lazy("People"),
    "collections": gettext_lazy("Collections"),
    "links": gettext_lazy("Links"),
}
# How many results of each type the first page shows.
PREVIEW_COUNTS = {"people": 3, "collections": 3, "links": 5}


class SearchView(ListView):
    """Search results: the first of every type, or all of the type in the query string."""

    template_name = "search/search.html"

    @cached_property
    def query(self):
        return Query(self.request.GET.get("q", ""))

    @cached_property
    def kind(self):
        kind = self.request.GET.get("kind")
        return kind if kind in LABELS else None

    @cached_property
    def hits(self):
        if not self.query:
            return {name: [] for name in LABELS}
        count_search(self.request)
        return find(self.query, self.request.user, ranked=self.kind)

    def get_queryset(self):
        return self.hits[self.kind] if self.kind else []

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE if self.kind else None

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        sections = (
            [self.section(self.kind, context["object_list"])] if self.kind else self.previews()
        )
        return {
            **context,
            "query": self.query,
            "kind": self.kind,
            "tabs": [(name, label, count_label(self.hits[name])) for name, label in LABELS.items()],
            "sections": [section for section in sections if section["results"]],
            "most_found": MAX_RESULTS,
            "is_full": self.kind and len(self.hits[self.kind]) == MAX_RESULTS,
        }

    def previews(self):
        """Return a section of each type with results, the one with the best hit first."""
        found = {name: hits for name, hits in self.hits.items() if hits}
        names = sorted(found, key=lambda name: found[name][0].tier)
        return [self.section(name, found[name][: PREVIEW_COUNTS[name]]) for name in names]

    def section(self, name, hits):
        rows = rows_of(name).in_bulk([hit.pk for hit in hits])
        return {
            "name": name,
            "label": LABELS[name],
            "count": count_label(self.hits[name]),
            # A row may have been deleted since.
            "results": [rows[hit.pk] for hit in hits if hit.pk in rows],
        }


def rows_of(name):
    """Return a queryset of a type with everything that its rows show."""
    return {
        "people": get_user_model().objects.all(),
        "collections": Collection.objects.with_link_count(),
        "links": Content.objects.select_related("collection__author"),
    }[name]


def count_label(hits):
    """Return the number of hits as text; at the limit there may be more."""
    return f"{len(hits)}+" if len(hits) == MAX_RESULTS else f"{len(hits)}"

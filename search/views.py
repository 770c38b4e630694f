from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import ListView

from collections_app.models import Collection, Content
from search.finding import MOST_FOUND, find
from search.limits import count_search
from search.words import Query

LABELS = {
    "people": gettext_lazy("People"),
    "collections": gettext_lazy("Collections"),
    "links": gettext_lazy("Links"),
}
# How many of each kind the page over all shows.
FIRST_FOUND = {"people": 3, "collections": 3, "links": 5}


class SearchView(ListView):
    """What is found: the first of every kind, or all of the one that the address names."""

    template_name = "search/search.html"

    @cached_property
    def query(self):
        return Query(self.request.GET.get("q", ""))

    @cached_property
    def kind(self):
        asked = self.request.GET.get("kind")
        return asked if asked in LABELS else None

    @cached_property
    def found(self):
        if not self.query:
            return {name: [] for name in LABELS}
        count_search(self.request)
        return find(self.query, self.request.user, ranked=self.kind)

    def get_queryset(self):
        return self.found[self.kind] if self.kind else []

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE if self.kind else None

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        sections = [self.section(self.kind, context["object_list"])] if self.kind else self.first()
        return {
            **context,
            "query": self.query,
            "kind": self.kind,
            "tabs": [(name, label, count(self.found[name])) for name, label in LABELS.items()],
            "sections": [section for section in sections if section["things"]],
            "most_found": MOST_FOUND,
            "is_full": self.kind and len(self.found[self.kind]) == MOST_FOUND,
        }

    def first(self):
        """Return a section of each kind, the one with the best first hit first."""
        found = {name: hits for name, hits in self.found.items() if hits}
        names = sorted(found, key=lambda name: found[name][0].tier)
        return [self.section(name, found[name][: FIRST_FOUND[name]]) for name in names]

    def section(self, name, hits):
        things = displayed(name).in_bulk([hit.pk for hit in hits])
        return {
            "name": name,
            "label": LABELS[name],
            "count": count(self.found[name]),
            # One may have gone since it was found.
            "things": [things[hit.pk] for hit in hits if hit.pk in things],
        }


def displayed(name):
    """Return the things of a kind with what their rows show."""
    return {
        "people": get_user_model().objects.all(),
        "collections": Collection.objects.with_link_count(),
        "links": Content.objects.select_related("collection__author"),
    }[name]


def count(hits):
    """Return the number of hits as it is said: as many as are looked for may be more."""
    return f"{len(hits)}+" if len(hits) == MOST_FOUND else f"{len(hits)}"

"""The admin site: a dashboard, a search over several models, and bounded change lists."""

from functools import partial

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collections_app.models import Collection, Content
from socialnet import admin_dashboard
from socialnet.admin_lists import BoundedListMixin, SearchForm

# Results of each model that the search shows.
MAX_RESULTS = 10

# The models that are searched, and the text beside the name of each result.
SEARCHED_MODELS = {
    get_user_model(): lambda person: person.name,
    Collection: lambda collection: collection.author.username,
    Content: lambda link: f"{link.host} · {link.author.username}",
}


class AdminSite(admin.AdminSite):
    index_title = gettext_lazy("What waits")

    def __init__(self, name="admin"):
        super().__init__(name)
        # Bulk actions need a reason (`accounts.staff`).
        self.disable_action("delete_selected")

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register `admin_class` with `BoundedListMixin` in front of it."""
        base = admin_class or admin.ModelAdmin
        bounded = type(base.__name__, (BoundedListMixin, base), {"__module__": base.__module__})
        super().register(model_or_iterable, bounded, **options)

    def get_urls(self):
        search = self.admin_view(self.search)
        return [path("search/", search, name="search"), *super().get_urls()]

    def index(self, request, extra_context=None):
        user = request.user
        context = {
            "search_form": SearchForm(auto_id="search_%s"),
            "pending_items": admin_dashboard.pending_items(user),
            "new_people": admin_dashboard.new_people(user),
            "new_people_url": admin_dashboard.changelist_url("accounts", "user", new="day"),
            "frequent_posters": admin_dashboard.frequent_posters(user),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def search(self, request):
        """Show the first people, collections and links that match `q`."""
        form = SearchForm(request.GET, auto_id="search_%s")
        words = form.cleaned_data["q"].strip() if form.is_valid() else ""
        search_model = partial(self._search_model, request, words)
        context = {
            **self.each_context(request),
            "title": _("Search"),
            "search_form": form,
            "words": words,
            "results": [found for found in map(search_model, SEARCHED_MODELS) if found]
            if words
            else [],
        }
        request.current_app = self.name
        status = 200 if form.is_valid() else 422
        return TemplateResponse(request, "admin/search.html", context, status=status)

    def _search_model(self, request, words, model):
        """Return the first rows of `model` that match `words`, or None if the user may not view it.

        They are the rows that the change list shows for the same words.
        """
        model_admin = self.get_model_admin(model)
        if not model_admin.has_view_permission(request):
            return None
        rows = model_admin.get_queryset(request).order_by(*model_admin.get_ordering(request))
        rows = rows.select_related(*(model_admin.list_select_related or []))
        matches = model_admin.get_search_results(request, rows, words)[0][:MAX_RESULTS]
        opts, describe = model._meta, SEARCHED_MODELS[model]
        url_name = f"admin:{opts.app_label}_{opts.model_name}_change"
        return {
            "name": opts.verbose_name_plural,
            "rows": [(row, reverse(url_name, args=[row.pk]), describe(row)) for row in matches],
            "url": admin_dashboard.changelist_url(opts.app_label, opts.model_name, q=words),
        }

    def get_log_entries(self, request):
        # Django sorts by time, which has no index; the key is in the same order.
        return super().get_log_entries(request).order_by("-id")

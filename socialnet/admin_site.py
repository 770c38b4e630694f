"""The admin as a workplace: what waits on its first page, one search, lists of any size."""

from functools import partial

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collections_app.models import Collection, Content
from socialnet import waiting
from socialnet.admin_lists import BoundedListMixin, SearchForm

# How many of each kind the search over all shows.
FIRST_FOUND = 10

# What is searched, and what is told of each row beside its name.
SEARCHED = {
    get_user_model(): lambda person: person.name,
    Collection: lambda collection: collection.author.username,
    Content: lambda link: f"{link.host} · {link.author.username}",
}


class AdminSite(admin.AdminSite):
    index_title = gettext_lazy("What waits")

    def __init__(self, name="admin"):
        super().__init__(name)
        # Nothing is deleted in bulk here without a reason (`accounts.staff`).
        self.disable_action("delete_selected")

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register with lists that are as fast at any size, whatever `admin_class` says of that."""
        own = admin_class or admin.ModelAdmin
        bounded = type(own.__name__, (BoundedListMixin, own), {"__module__": own.__module__})
        super().register(model_or_iterable, bounded, **options)

    def get_urls(self):
        search = self.admin_view(self.search)
        return [path("search/", search, name="search"), *super().get_urls()]

    def index(self, request, extra_context=None):
        user = request.user
        context = {
            "search_form": SearchForm(auto_id="search_%s"),
            "waiting": waiting.waiting_for(user),
            "newcomers": waiting.newcomers(user),
            "newcomers_url": waiting.list_of("accounts", "user", new="day"),
            "advertisers": waiting.advertisers(user),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def search(self, request):
        """Show the first people, collections and links that have the words in `q`."""
        form = SearchForm(request.GET, auto_id="search_%s")
        words = form.cleaned_data["q"].strip() if form.is_valid() else ""
        find = partial(self._find, request, words)
        context = {
            **self.each_context(request),
            "title": _("Search"),
            "search_form": form,
            "words": words,
            "kinds": [kind for kind in map(find, SEARCHED) if kind] if words else [],
        }
        request.current_app = self.name
        status = 200 if form.is_valid() else 422
        return TemplateResponse(request, "admin/search.html", context, status=status)

    def _find(self, request, words, model):
        """Return what the list of `model` finds for `words`; None for whoever may not see it."""
        model_admin = self.get_model_admin(model)
        if not model_admin.has_view_permission(request):
            return None
        rows = model_admin.get_queryset(request).order_by(*model_admin.get_ordering(request))
        rows = rows.select_related(*(model_admin.list_select_related or []))
        found = model_admin.get_search_results(request, rows, words)[0][:FIRST_FOUND]
        opts, tell = model._meta, SEARCHED[model]
        page = f"admin:{opts.app_label}_{opts.model_name}_change"
        return {
            "name": opts.verbose_name_plural,
            "rows": [(row, reverse(page, args=[row.pk]), tell(row)) for row in found],
            "url": waiting.list_of(opts.app_label, opts.model_name, q=words),
        }

    def get_log_entries(self, request):
        # The order they were written in, which has an index; Django's, by time, has none.
        return super().get_log_entries(request).order_by("-id")

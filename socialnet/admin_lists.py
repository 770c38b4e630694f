"""Change lists of the admin that take the same time for 100,000 rows as for 100.

`AdminSite.register` adds `BoundedListMixin` to every ModelAdmin. It overrides what the ModelAdmin
sets for counting and sorting:

- at most `MAX_COUNTED` rows are counted and shown, and the page says so;
- text is searched in the newest `MAX_SEARCHED` rows, and the newest `MAX_MATCHES` are shown. Full
  usernames and fields with an exact lookup (`"host__exact"`) have an index and match rows of any
  age;
- a list can be sorted only by the columns in `sortable_by`, which have an index.
"""

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.auth import get_user_model
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_COUNTED = 5_000
MAX_SEARCHED = 10_000
MAX_MATCHES = 500
MAX_SEARCH_LENGTH = 200

EXACT_LOOKUP = "__exact"
USERNAME_FIELD = "username"


def bounded_count(rows, limit=MAX_COUNTED):
    """Return (number of rows, at most `limit`; whether there are more)."""
    count = rows.order_by()[: limit + 1].count()
    return min(count, limit), count > limit


class BoundedPaginator(Paginator):
    @cached_property
    def _bounded_count(self):
        return bounded_count(self.object_list)

    @property
    def count(self):
        return self._bounded_count[0]

    @property
    def is_truncated(self):
        """Return whether there are more rows than are counted and shown."""
        return self._bounded_count[1]


class SearchForm(forms.Form):
    """A search in the admin. Text that is too long or that PostgreSQL cannot store is invalid."""

    q = forms.CharField(
        label=gettext_lazy("People, collections and links"),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class BoundedChangeList(ChangeList):
    search_form_class = SearchForm

    def get_queryset(self, request, exclude_parameters=None):
        for name, values in request.GET.lists():
            if name != SEARCH_VAR and any("\x00" in value for value in values):
                raise IncorrectLookupParameters  # PostgreSQL cannot compare with it
            if name.endswith("regex"):  # scans the table; an invalid pattern is an error
                raise IncorrectLookupParameters
        return super().get_queryset(request, exclude_parameters)

    def get_ordering_field(self, field_name):
        """Return None for columns outside `sortable_by`; Django sorts by any column in the URL."""
        if field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)


class BoundedListMixin:
    """Limits that `AdminSite.register` adds to every ModelAdmin."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each count of a filter's choices scans the table

    def get_changelist(self, request, **kwargs):
        return BoundedChangeList

    def get_sortable_by(self, request):
        return self.sortable_by or ()

    @property
    def text_fields(self):
        """Return the model's own fields in `search_fields`, which match parts of a text."""
        return [name for name in self.search_fields if "__" not in name]

    def get_search_fields(self, request):
        return self.text_fields or self.search_fields

    @property
    def search_help_text(self):
        help_text = super().search_help_text
        if self.is_exact:
            return help_text
        text = _("A whole username or e-mail address.")
        if self.text_fields:
            text = _("Words in the newest %(searched)s rows; a whole username or address in all.")
            text %= {"searched": intcomma(MAX_SEARCHED)}
        return f"{help_text}. {text}" if help_text else text

    @property
    def is_exact(self):
        return all(name.endswith(EXACT_LOOKUP) for name in self.search_fields)

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip() or self.is_exact:
            return super().get_search_results(request, queryset, search_term)
        matches = set()
        for rows in self._matching_querysets(request, queryset, search_term.strip()):
            keys = list(rows.values_list("pk", flat=True)[: MAX_MATCHES + 1])
            if len(keys) > MAX_MATCHES:
                request.has_more_matches = True  # for the template
            matches.update(keys[:MAX_MATCHES])
        return queryset.filter(pk__in=matches), False

    def _matching_querysets(self, request, queryset, term):
        """Yield querysets of the rows that match `term`, each of which uses an index."""
        people = list(get_user_model().objects.known_as(term).values_list("pk", flat=True))
        for name in self.search_fields:
            if name.endswith(EXACT_LOOKUP):
                yield queryset.filter(**{name: term})
            elif name.rpartition("__")[2] == USERNAME_FIELD and people:
                relation = name.removesuffix(USERNAME_FIELD).removesuffix("__") or "pk"
                yield queryset.filter(**{f"{relation}__in": people})
        if not self.text_fields:
            return
        keys = self.model._base_manager.order_by("-pk").values_list("pk", flat=True)
        for oldest in keys[MAX_SEARCHED - 1 : MAX_SEARCHED]:
            queryset = queryset.filter(pk__gte=oldest)
        yield super().get_search_results(request, queryset.order_by("-pk"), term)[0]

    def response_action(self, request, queryset):
        """Refuse invalid keys, and actions on all rows of a list that is truncated."""
        for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.clean(key, None)
            except ValidationError:
                raise BadRequest(_("There is no such row."))
        is_whole_list = request.POST.get("select_across") not in {None, "", "0"}
        if is_whole_list and bounded_count(queryset)[1]:
            text = _("This list is too long to act on all of it. Search or filter first.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)
